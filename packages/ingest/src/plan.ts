import { ConfigInvalid, parseSnapshot, sourceTable, writtenSince, type RawManifest, type RawTable } from '@totes/core';
import type { CatalogTable } from './catalog.ts';
import { lastUpdated, updatedSince, type AskedKeys } from './copyQuery.ts';
import { own } from './own.ts';
import type { Asked } from './requests.ts';
import { isSameShape } from './shape.ts';

/**
 * Capture of a table by its last_updated, which an index can serve, instead of by a scan of all its rows. Rows written
 * with a last_updated further back than the lookback are not seen.
 */
export interface LastUpdatedCapture {
  readonly mode: 'last_updated';
  readonly lookbackSeconds: number;
}

/** By table; a table that is not named is captured by snapshot, exactly. */
export type CaptureModes = Readonly<Record<string, LastUpdatedCapture>>;

/** What to read of a table. */
export interface TablePlan {
  readonly table: CatalogTable;
  readonly before: RawTable | undefined;
  readonly capture: RawTable['capture'];
  /** An SQL condition; all rows where it is absent. */
  readonly where: string | undefined;
  /** Whether a watermark is to be kept for the next look. */
  readonly byLastUpdated: boolean;
  /** Keys to read whatever the condition says, or to find absent. */
  readonly asked: AskedKeys | undefined;
}

/**
 * Plans what to read of each table: what may have changed since the previous version, or all of it where xmin cannot
 * tell. Rows of another relation (a partition attached meanwhile) are as old as they are, and a column that was added
 * with a default, renamed or converted in place leaves xmin alone.
 *
 * @param previous the version before, if there is one
 * @param readAll whether its snapshot cannot be compared with this one
 * @param wanted keys of declared tables that are to be looked for in any case
 */
export function planTables(
  tables: readonly CatalogTable[],
  previous: RawManifest | undefined,
  readAll: boolean,
  capture: CaptureModes,
  wanted: Asked['keys'],
): TablePlan[] {
  const written = previous === undefined || readAll ? undefined : writtenSince(parseSnapshot(previous.source.snapshot));
  return tables.map((table) => {
    const before = previous && own(previous.tables, table.name);
    const chosen = own(capture, table.name);
    const keys = wanted.get(table.name);
    const asked = keys && { column: sourceTable(table.name).key, keys };
    const plan = { table, before, byLastUpdated: chosen !== undefined, asked };
    const all = { ...plan, capture: 'full', where: undefined } as const;
    if (written === undefined || before === undefined || !table.tracksChanges || !isSameShape(before, table))
      return all;
    if (chosen === undefined) {
      // What was read by last_updated may have gaps.
      return before.watermark === undefined ? { ...plan, capture: 'delta', where: written } : all;
    }
    if (before.watermark === undefined) return all;
    const where = `${updatedSince(before.watermark, chosen.lookbackSeconds)} AND ${written}`;
    return { ...plan, capture: 'delta', where };
  });
}

/** Throws ConfigInvalid where a table chosen for capture by last_updated is not there or cannot be captured so. */
export function checkCapture(capture: CaptureModes, tables: readonly CatalogTable[]): void {
  const problems = Object.entries(capture).flatMap(([name, { lookbackSeconds }]) => {
    if (!(Number.isSafeInteger(lookbackSeconds) && lookbackSeconds >= 0)) {
      return [`the lookback of ${name} must be a whole number of seconds, not ${lookbackSeconds}`];
    }
    const table = tables.find((each) => each.name === name);
    if (table === undefined) return [`the source has no table ${name} that can be read`];
    const column = table.columns.find((each) => each.name === lastUpdated);
    if (column?.baseType === 'timestamp without time zone') return [];
    return [`${name} has no column ${lastUpdated} of type timestamp without time zone`];
  });
  if (problems.length > 0) throw new ConfigInvalid(`capture by ${lastUpdated}: ${problems.join('; ')}`);
}
