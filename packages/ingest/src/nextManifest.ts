import { randomUUID } from 'node:crypto';
import {
  manifestFormat,
  type ObjectRef,
  type RawFormat,
  type RawManifest,
  type RawTable,
  type SourcePosition,
} from '@totes/core';
import { lastWritten } from './lastWritten.ts';
import { own } from './own.ts';
import type { TablePlan } from './plan.ts';
import type { Asked } from './requests.ts';
import { isSameShape, seenColumns } from './shape.ts';

/** What was read of a table. */
export interface TableRows {
  /** How many rows were read. */
  readonly rows: number;
  /** Of the rows read, uncompressed, without headers; of the slices' own hashes, where there are several. */
  readonly contentSha256: string;
  /** In the order of the rows; empty where there were none, or none that is new. */
  readonly objects: readonly ObjectRef[];
}

/** What a look is to read of one table, and what it found beside the rows. */
export interface PlannedTable {
  readonly plan: TablePlan;
  /** The keys that were asked for and are not in the source; undefined where there are none. */
  readonly deleted: ObjectRef | undefined;
  readonly watermark: string | undefined;
}

/** What a look found in one table. */
export interface TableLook extends PlannedTable {
  readonly rows: TableRows;
}

/** One consistent look at the source, its rows already in the lake. */
export interface Look {
  readonly source: SourcePosition;
  readonly fullReadBecause: string | undefined;
  readonly tables: readonly TableLook[];
  /** The requests that it serves. */
  readonly asked: Omit<Asked, 'keys' | 'notices'>;
  /** The newest entry of the exchange rates; 0 where there is none. */
  readonly rates: number;
  /** What a person should know, but for what became of the source's tables and columns. */
  readonly notices: readonly string[];
  /** What became of them since the version before. */
  readonly schemaChanges: readonly string[];
}

/** Who writes a manifest, and when. */
export interface Writer {
  readonly runId: string;
  readonly codeVersion: string;
  readonly at: Date;
}

/**
 * The manifest that makes a look the next version, or undefined where it shows nothing new. New are: rows; a table that
 * came or went; its columns or partitions, even where it has no rows, because the next look must know them; a change to
 * or from capture by last_updated; that everything had to be read again; that requests were served, which must not
 * be served again; and exchange rates.
 */
export function nextManifest(
  previous: RawManifest | undefined,
  look: Look,
  format: RawFormat,
  { runId, codeVersion, at }: Writer,
): RawManifest | undefined {
  const tables = Object.fromEntries(look.tables.map((table) => [table.plan.table.name, nextTable(table, format)]));
  const { asked, rates, fullReadBecause } = look;
  const isFirst = previous === undefined;
  const mustCommit = isFirst || fullReadBecause !== undefined || asked.requests > 0 || rates > (previous.rates ?? 0);
  if (!mustCommit && !isNews(previous.tables, tables)) return undefined;
  return {
    kind: 'raw',
    format: manifestFormat,
    version: (previous?.version ?? 0) + 1,
    lakeId: previous?.lakeId ?? randomUUID(),
    runId,
    committedAt: at.toISOString(),
    codeVersion,
    source: look.source,
    tables,
    ...(fullReadBecause !== undefined && { fullReadBecause }),
    ...asked.served,
    ...(asked.retry && { retry: true }),
    ...(rates > 0 && { rates }),
  };
}

/**
 * A table without new rows keeps the format and the hash of those that were written last; not the hash where it has
 * tombstones, because the same rows are news when they come back.
 */
function nextTable({ plan, rows: found, deleted, watermark }: TableLook, format: RawFormat): RawTable {
  const { table, capture } = plan;
  const seen = {
    relations: table.relations,
    columns: seenColumns(table),
    ...(deleted && { deleted: [deleted] }),
    ...(watermark && { watermark }),
  };
  const { rows, objects, contentSha256 } = found;
  if (objects.length > 0) return { ...seen, objects, capture, format, contentSha256 };
  const last = lastWritten(plan);
  return {
    ...seen,
    objects: [],
    // Rows that were read and are known already are not the whole of an empty table.
    capture: rows > 0 ? 'delta' : capture,
    format: last?.format ?? format,
    ...(last && deleted === undefined && { contentSha256: last.contentSha256 }),
  };
}

type Tables = Readonly<Record<string, RawTable>>;

function isNews(before: Tables, after: Tables): boolean {
  if (Object.keys(before).length !== Object.keys(after).length) return true;
  return Object.entries(after).some(([name, table]) => {
    const was = own(before, name);
    return (
      was === undefined ||
      table.objects.length > 0 ||
      !isSameShape(was, table) ||
      (was.watermark === undefined) !== (table.watermark === undefined)
    );
  });
}
