import { failure, inSnapshot, ratesLog, type ObjectRef, type RawBucket, type RawManifest, whereIs } from '@totes/core';
import type { Client } from 'pg';
import { archive } from './archive.ts';
import { readCatalog, readStandIns } from './catalog.ts';
import { isSameDatabase, whyNotComparable } from './comparable.ts';
import { absentQuery, header, watermarkQuery } from './copyQuery.ts';
import { lockTables, readableTables } from './lockTables.ts';
import { tombstonesKey } from './objectKey.ts';
import type { Look, PlannedTable } from './nextManifest.ts';
import { checkCapture, planTables, type CaptureModes, type TablePlan } from './plan.ts';
import { checkServer, readPosition, type Position } from './position.ts';
import { openRequests } from './requests.ts';
import { checkAccepted, checkChanges } from './schemaChanges.ts';
import { checkSchema, missingTables, type CheckedTables } from './schemaCheck.ts';
import { cut, type Slice } from './slices/cut.ts';
import { measure } from './slices/measure.ts';

export interface LookOptions {
  readonly source: Client;
  readonly raw: RawBucket;
  readonly schema: string;
  readonly capture: CaptureModes;
  readonly ignore: readonly string[];
  readonly acceptNarrowed: readonly string[];
  /** Names the folder of this look's objects: no two looks may share one. */
  readonly folder: string;
  readonly at: Date;
  /** The most blocks of a table that are read at a time. */
  readonly sliceBlocks: number;
}

/** A look at the source of which no rows were read yet; it can be written as JSON. */
export interface OpenLook extends Omit<Look, 'tables'> {
  readonly tables: readonly PlannedTable[];
  /** What there is to read, in the order of the tables and of their rows. */
  readonly slices: readonly Slice[];
}

/**
 * Looks at the source in one snapshot: finds what may be new since `previous`, and what was asked for, and runs `work`
 * while the snapshot lasts and the tables stay as they are.
 *
 * @throws SourceUnavailable, SourceRefused, SourceSchemaDrift, ConfigInvalid, LakeUnavailable, LakeRefused, LakeCorrupt
 */
export async function inLook<T>(
  options: LookOptions,
  previous: RawManifest | undefined,
  work: (look: OpenLook) => Promise<T>,
): Promise<T> {
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
      const plans = planTables(checked.tables, previous, fullReadBecause !== undefined, capture, asked.keys);
      const tables: PlannedTable[] = [];
      for (const plan of plans) {
        tables.push(await beside(options, plan, position.source.readAt).catch(inTable(source, plan)));
      }
      const { requests, served, retry } = asked;
      return work({
        source: position.source,
        fullReadBecause,
        tables,
        slices: cut(plans, await measure(source, plans), options.sliceBlocks),
        asked: { requests, served, retry },
        rates,
        notices: [...asked.notices, ...position.notices, ...checked.notices],
        schemaChanges: checked.schemaChanges,
      });
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

/** Finds what a version tells of a table beside its rows. */
async function beside(options: LookOptions, plan: TablePlan, readAt: string): Promise<PlannedTable> {
  return {
    plan,
    deleted: await readAbsent(options, plan),
    watermark: plan.byLastUpdated ? await readWatermark(options, plan.table.name, readAt) : undefined,
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
