import { failure, type RawBucket, type RawFormat, type RawManifest, whereIs } from '@totes/core';
import type { Client } from 'pg';
import { archive } from './archive.ts';
import { readCatalog } from './catalog.ts';
import { whyNotComparable } from './comparable.ts';
import { copyQuery, header, watermarkQuery } from './copyQuery.ts';
import { objectKey } from './objectKey.ts';
import { lastWritten, type Look, type TableLook } from './nextManifest.ts';
import { checkCapture, planTables, type CaptureModes, type TablePlan } from './plan.ts';
import { checkServer, readPosition } from './position.ts';
import { checkSchema } from './schemaCheck.ts';
import { inSnapshot } from './transaction.ts';

export interface LookOptions {
  readonly source: Client;
  readonly raw: RawBucket;
  readonly format: RawFormat;
  readonly schema: string;
  readonly capture: CaptureModes;
  readonly ignore: readonly string[];
  /** Names the folder of this look's objects: no two looks may share one. */
  readonly folder: string;
  readonly at: Date;
  readonly onProgress: ((progress: IngestProgress) => void) | undefined;
}

/** Rows read so far of one table. */
export interface IngestProgress {
  readonly table: string;
  readonly rows: number;
  /** Whether this was its last row. */
  readonly done: boolean;
}

/**
 * Looks at the source in one snapshot and writes what may be new since `previous` into the lake, where nobody sees it
 * until it is committed.
 *
 * @throws SourceUnavailable, SourceRefused, SourceSchemaDrift, ConfigInvalid, LakeUnavailable, LakeRefused, LakeCorrupt
 */
export async function takeLook(options: LookOptions, previous: RawManifest | undefined): Promise<Look> {
  const { source, schema, ignore, capture } = options;
  try {
    await checkServer(source);
    return await inSnapshot(source, async () => {
      const position = await readPosition(source, schema);
      const checked = checkSchema(await readCatalog(source, schema, ignore), schema, whereIs(source));
      checkCapture(capture, checked.tables);
      const fullReadBecause = whyNotComparable(previous, position);
      const tables: TableLook[] = [];
      for (const plan of planTables(checked.tables, previous, fullReadBecause !== undefined, capture)) {
        tables.push(await readTable(options, plan, position.source.readAt).catch(inTable(source, plan)));
      }
      return { source: position.source, fullReadBecause, tables, notices: [...position.notices, ...checked.notices] };
    });
  } catch (error) {
    throw failure('source', whereIs(source), error);
  }
}

const inTable =
  (source: Client, { table }: TablePlan) =>
  (error: unknown): never => {
    throw failure('source', `${whereIs(source)}, table ${table.name}`, error);
  };

async function readTable(options: LookOptions, plan: TablePlan, readAt: string): Promise<TableLook> {
  const { source, raw, schema, format, onProgress } = options;
  const { name } = plan.table;
  const columns = plan.table.columns.map((column) => column.name);
  const last = lastWritten(plan);
  const archived = await archive(source, raw.store, {
    copy: copyQuery({ schema, table: name, columns, format, where: plan.where }),
    header: header(format, columns),
    key: objectKey(name, options.folder, options.at, format),
    known: last?.format === format ? last.contentSha256 : undefined,
    onRows: (rows) => {
      onProgress?.({ table: name, rows, done: false });
    },
  });
  onProgress?.({ table: name, rows: archived.rows, done: true });
  return { plan, archived, watermark: plan.byLastUpdated ? await readWatermark(options, name, readAt) : undefined };
}

async function readWatermark(
  { source, schema }: LookOptions,
  table: string,
  readAt: string,
): Promise<string | undefined> {
  const { rows } = await source.query<{ watermark: string | null }>(watermarkQuery(schema, table), [readAt]);
  return rows[0]?.watermark ?? undefined;
}
