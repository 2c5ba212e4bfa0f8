import {
  failure,
  inSnapshot,
  ratesLog,
  type ObjectRef,
  type RawBucket,
  type RawFormat,
  type RawManifest,
  whereIs,
} from '@totes/core';
import type { Client } from 'pg';
import { archive } from './archive.ts';
import { readCatalog, readStandIns } from './catalog.ts';
import { isSameDatabase, whyNotComparable } from './comparable.ts';
import { absentQuery, copyQuery, header, watermarkQuery } from './copyQuery.ts';
import { lockTables, readableTables } from './lockTables.ts';
import { objectKey, tombstonesKey } from './objectKey.ts';
import { lastWritten, type Look, type TableLook } from './nextManifest.ts';
import { checkCapture, planTables, type CaptureModes, type TablePlan } from './plan.ts';
import { checkServer, readPosition, type Position } from './position.ts';
import { openRequests } from './requests.ts';
import { checkAccepted, checkChanges } from './schemaChanges.ts';
import { checkSchema, missingTables, type CheckedTables } from './schemaCheck.ts';

export interface LookOptions {
  readonly source: Client;
  readonly raw: RawBucket;
  readonly format: RawFormat;
  readonly schema: string;
  readonly capture: CaptureModes;
  readonly ignore: readonly string[];
  readonly acceptNarrowed: readonly string[];
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
 * Looks at the source in one snapshot and writes what may be new since `previous`, and what was asked for, into the
 * lake, where nobody sees it until it is committed.
 *
 * @throws SourceUnavailable, SourceRefused, SourceSchemaDrift, ConfigInvalid, LakeUnavailable, LakeRefused, LakeCorrupt
 */
export async function takeLook(options: LookOptions, previous: RawManifest | undefined): Promise<Look> {
  const { source, schema, capture, ignore } = options;
  checkAccepted(options.acceptNarrowed);
  const asked = await openRequests(options.raw.store, previous);
  // Begins at the entry that the version before brought: one listing, however many there are.
  const rates = await ratesLog(options.raw.store).head(previous?.rates ?? 0);
  try {
    await checkServer(source);
    const readable = await readableTables(source, schema, ignore);
    return await inSnapshot(source, async () => {
      await lockTables(source, schema, readable);
      const position = await readPosition(source, schema);
      const checked = await readTables(options, previous, position);
      checkCapture(capture, checked.tables);
      const fullReadBecause = whyNotComparable(previous, position);
      const tables: TableLook[] = [];
      for (const plan of planTables(checked.tables, previous, fullReadBecause !== undefined, capture, asked.keys)) {
        tables.push(await readTable(options, plan, position.source.readAt).catch(inTable(source, plan)));
      }
      const notices = [...asked.notices, ...position.notices, ...checked.notices];
      const { schemaChanges } = checked;
      return { source: position.source, fullReadBecause, tables, asked, rates, notices, schemaChanges };
    });
  } catch (error) {
    throw failure('source', whereIs(source), error);
  }
}

/** The tables to read, where they are what the star needs and have room for what they had before. */
async function readTables(
  { source, schema, ignore, acceptNarrowed }: LookOptions,
  previous: RawManifest | undefined,
  position: Position,
): Promise<CheckedTables & { readonly schemaChanges: readonly string[] }> {
  const found = await readCatalog(source, schema, ignore);
  const standIns = await readStandIns(source, schema, missingTables(found));
  const { tables, notices } = checkSchema(found, schema, whereIs(source), standIns);
  const where = `${whereIs(source)}, schema ${JSON.stringify(schema)},`;
  const sameDatabase = previous !== undefined && isSameDatabase(previous.source, position.source);
  const schemaChanges = checkChanges(previous, { found, read: tables, where, sameDatabase }, acceptNarrowed);
  return { tables, notices, schemaChanges };
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
    copy: copyQuery({ schema, table: name, columns, format, where: plan.where, asked: plan.asked }),
    header: header(format, columns),
    key: objectKey(name, options.folder, options.at, format),
    // Who asks for a row wants it in this version, though the lake has the same one already.
    known: plan.asked === undefined && last?.format === format ? last.contentSha256 : undefined,
    onRows: (rows) => {
      onProgress?.({ table: name, rows, done: false });
    },
  });
  onProgress?.({ table: name, rows: archived.rows, done: true });
  return {
    plan,
    archived,
    deleted: await readAbsent(options, plan),
    watermark: plan.byLastUpdated ? await readWatermark(options, name, readAt) : undefined,
  };
}

/** Writes the keys that were asked for and are not there; undefined where there are none. */
async function readAbsent(
  { source, raw, schema, folder, at }: LookOptions,
  { table: { name }, asked }: TablePlan,
): Promise<ObjectRef | undefined> {
  if (asked === undefined) return undefined;
  const { object } = await archive(source, raw.store, {
    copy: absentQuery(schema, name, asked),
    header: header('csv', [asked.column]),
    key: tombstonesKey(name, folder, at),
    known: undefined,
    onRows: () => undefined,
  });
  return object;
}

async function readWatermark(
  { source, schema }: LookOptions,
  table: string,
  readAt: string,
): Promise<string | undefined> {
  const { rows } = await source.query<{ watermark: string | null }>(watermarkQuery(schema, table), [readAt]);
  return rows[0]?.watermark ?? undefined;
}
