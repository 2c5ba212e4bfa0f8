import {
  currencyName,
  parseSnapshot,
  refuseRedshift,
  WarehouseRefused,
  writtenSince,
  type ProcessedBucket,
} from '@totes/core';
import type { Client } from 'pg';
import { checkCalendar } from './calendar.ts';
import { compareTable } from './compareTable.ts';
import { findGone } from './gone.ts';
import { KeysToRead } from './keysToRead.ts';
import { readLoaded, type Loaded } from './loaded.ts';
import { readSetAside } from './setAside.ts';
import type { Settled, TableResult, VerifyResult } from './result.ts';
import { inSide, type Side } from './side.ts';
import { readSourceTypes } from './sourceTypes.ts';
import { rowHash, type Encoding } from './sql/cell.ts';
import { currencyCodesQuery, expectedRows } from './sql/expected.ts';
import { shownRows } from './sql/shown.ts';
import { retiredTable, shownRelation, sourcedTables, type SourcedTable } from './tables.ts';

export interface VerifyOptions {
  readonly source: Client;
  readonly warehouse: Client;
  readonly sourceSchema: string;
  readonly schema: string;
  /** Tells which rows are set aside; where it is absent they count as what else they are. */
  readonly processed?: ProcessedBucket;
  readonly onProgress?: (progress: { readonly table: string; readonly rows: number }) => void;
}

/**
 * Compares the rows that the warehouse shows as current with those of the source: all values, by hashes that both
 * databases compute, so that few bytes leave them. Each side is read in one snapshot, and nothing is written.
 *
 * @throws SourceSchemaDrift where the source lacks a column, WarehouseMismatch where the warehouse lacks a table,
 *   LakeMismatch where it was loaded from another lake; SourceUnavailable, SourceRefused, WarehouseUnavailable,
 *   WarehouseRefused, LakeUnavailable, LakeRefused, LakeCorrupt, ManifestUnsupported
 */
export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  const started = performance.now();
  refuseRedshift(
    options.warehouse,
    'a comparison with the source',
    'load the same lake into one beside it, and compare that',
  );
  const compared = await inSide('warehouse', options.warehouse, async (warehouse) => {
    const loaded = await readLoaded(warehouse, options.schema);
    // The source's snapshot is the later one: what the warehouse has and the source has not was deleted, or never there.
    return inSide('source', options.source, (source) => compareAll(options, source, warehouse, loaded));
  });
  return { ...compared, seconds: Math.round(performance.now() - started) / 1000 };
}

type Compared = Omit<VerifyResult, 'seconds'>;

async function compareAll(options: VerifyOptions, source: Side, warehouse: Side, loaded: Loaded): Promise<Compared> {
  const { schema, sourceSchema, processed, onProgress } = options;
  const encoding = await commonEncoding(source, warehouse);
  const types = await readSourceTypes(source, sourceSchema);
  const setAside = await readSetAside(processed, loaded);
  const expectation = { schema: sourceSchema, types, encoding, writtenSince: sinceLoad(loaded) };
  const isEmpty = !loaded.relations.has('dim_date');

  const keys = new KeysToRead();
  const gone = await findGone(source, sourceSchema, setAside, keys);
  const found = new Map<string, { settled: Settled; result: TableResult }>();
  if (!isEmpty) found.set('dim_date', await checkCalendar(warehouse, schema));
  let compared = 0;
  for (const table of sourcedTables) {
    const currencyNames = await readCurrencyNames(source, table, expectation);
    const expected = expectedRows(table, { ...expectation, currencyNames });
    const hasRetired = loaded.relations.has(retiredTable(table));
    const shown = loaded.relations.has(shownRelation(table))
      ? shownRows(table, { schema, encoding, hasRetired })
      : undefined;
    const outcome = await compareTable({ table, source, expected, warehouse, shown, setAside }, keys);
    found.set(table.name, outcome);
    compared += outcome.result.rows - outcome.result.unjudged;
    onProgress?.({ table: table.name, rows: outcome.result.rows });
  }
  const tables = Object.fromEntries([...found].map(([name, { result }]) => [name, result]));
  const isEqual = Object.values(tables).every(({ sample }) => sample.length === 0);
  const equal = isEqual && Object.keys(gone).length === 0;
  const settled = sumOf([...found.values()].map((each) => each.settled));
  const { truncated } = keys;
  return { equal, version: loaded.version, compared, tables, settled, gone, keys: keys.byTable(), truncated };
}

/** A condition that holds for every row where nothing was loaded. */
function sinceLoad({ of }: Loaded): (xmin: string) => string {
  if (of === undefined) return () => 'true';
  const snapshot = parseSnapshot(of.snapshot);
  return (xmin) => writtenSince(snapshot, xmin);
}

/**
 * How both sides can write text as the same bytes. PostgreSQL's hashes are the same in all releases (partitions depend
 * on that), but not on machines of another byte order.
 */
async function commonEncoding(source: Side, warehouse: Side): Promise<Encoding> {
  const probe = rowHash([
    { name: '', as: 'integer', value: '1' },
    { name: '', as: 'text', value: `'totes warehouse'` },
  ]);
  interface Probe {
    encoding: string;
    hash: string;
  }
  const query = `SELECT current_setting('server_encoding') AS encoding, ${probe}::text AS hash`;
  const [[here], [there]] = await Promise.all([source.query<Probe>(query), warehouse.query<Probe>(query)]);
  if (here!.hash !== there!.hash) {
    throw new WarehouseRefused(
      `source ${source.where} and warehouse ${warehouse.where} hash the same value differently: they run on machines of different byte order, and cannot be compared`,
    );
  }
  return here!.encoding === 'UTF8' && there!.encoding === 'UTF8' ? 'utf8' : 'other';
}

async function readCurrencyNames(
  source: Side,
  table: SourcedTable,
  expectation: Parameters<typeof currencyCodesQuery>[1],
): Promise<Map<string, string>> {
  const query = currencyCodesQuery(table, expectation);
  const rows = query === undefined ? [] : await source.query<{ code: string | null }>(query);
  const codes = rows.map(({ code }) => code).filter((code) => code !== null);
  return new Map(codes.map((code) => [code, currencyName(code)] as const).filter(([code, name]) => code !== name));
}

const sumOf = (all: readonly Settled[]): Settled => {
  const total = { missing: 0, extra: 0, altered: 0, stale: 0 };
  for (const each of all) for (const kind of Object.keys(total) as (keyof Settled)[]) total[kind] += each[kind];
  return total;
};
