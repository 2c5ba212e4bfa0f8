import { ConfigInvalid, failure, starTables, WarehouseMismatch, whereIs } from '@totes/core';
import { advance } from './advance.ts';
import { lakeHead, type LakeHead } from './lakeHead.ts';
import type { LoadedVersion } from './loadVersion.ts';
import { applyMigrations, migrate } from './migrate.ts';
import { loadedVersion, nextStep } from './nextStep.ts';
import type { LoadOptions } from './options.ts';
import { planSchema } from './schemaPlan.ts';
import { etl, sameReadQuery } from './sql/ledger.ts';
import { relationExists, surveyWarehouse, type LoadedLake, type Survey } from './survey.ts';
import { lockedTransaction, readTransaction, rolledBackTransaction } from './transaction.ts';

export interface LoadResult {
  /** The version of the lake that the warehouse now holds, 0 for none. */
  readonly version: number;
  /** The versions loaded now. */
  readonly versions: readonly number[];
  /** Rows inserted or updated now, by warehouse table: all of them, in load order. */
  readonly loaded: Readonly<Record<string, number>>;
  /** Fact rows that changed although their last_updated did not. */
  readonly warnings: number;
}

/** In bytes. PostgreSQL cuts longer names off, and then finds no schema of the whole name. */
const longestName = 63;

/**
 * Brings the warehouse up to the head of the processed log, each version in a transaction of its own. May run any
 * number of times, and twice at once: a version that is there already is never loaded again.
 *
 * @throws WarehouseMismatch where tables or rows are there that the declaration and the ledger do not explain;
 *   WarehouseUnavailable, WarehouseRefused, LakeUnavailable, LakeRefused, LakeCorrupt, ManifestUnsupported, ConfigInvalid
 */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const { warehouse, processed, schema } = options;
  if (schema === '' || Buffer.byteLength(schema) > longestName) {
    throw new ConfigInvalid(`the name of the warehouse schema, "${schema}", must have 1 to ${longestName} bytes`);
  }
  try {
    const survey = await readTransaction(warehouse, () => surveyWarehouse(warehouse, schema));
    const lake = await lakeHead(processed, survey.lakes);
    if (lake === undefined) return summary(0, []);
    await refuseRewoundLake(options, lake);
    // Seen without the lock, so that a run with nothing to do does not wait for one that has much.
    if (isUpToDate(survey, lake)) return summary(loadedVersion(survey, lake.lakeId), []);
    await migrate(warehouse);
    return await catchUp(options, lake);
  } catch (error) {
    throw failure('warehouse', whereIs(warehouse), error);
  }
}

/**
 * A lake that was put back to an older copy and has gone on since uses version numbers again that the warehouse holds
 * with other contents: the fence would pass them over.
 */
async function refuseRewoundLake({ warehouse, processed, schema }: LoadOptions, { common }: LakeHead): Promise<void> {
  const { lakeId, version, source } = common;
  if (!(await relationExists(warehouse, etl, 'load_log'))) return;
  const parameters = [schema, lakeId, version, source.readAt];
  const [loaded] = (await warehouse.query<{ readAt: string; same: boolean }>(sameReadQuery, parameters)).rows;
  if (loaded === undefined || loaded.same) return;
  throw new WarehouseMismatch(
    `warehouse schema "${schema}": version ${version} of ${processed.store.uri} shows the source as of ${source.readAt}, ` +
      `but the version ${version} that was loaded shows it as of ${loaded.readAt}: the lake was put back to an older copy. ` +
      'Restore the lake, or empty the star tables; load then rebuilds all from the lake as it is',
  );
}

/**
 * Makes what the warehouse lacks of schemas, tables, keys and views, and takes it back: whoever has yet to read the source
 * learns first whether the warehouse would take it. Throws as `load` does.
 */
export async function rehearse({ warehouse, schema }: Pick<LoadOptions, 'warehouse' | 'schema'>): Promise<void> {
  const missing = async (): Promise<readonly string[]> => {
    const found = await surveyWarehouse(warehouse, schema);
    const { before, after } = planSchema(found.schema, found.relations);
    return [...before, ...after];
  };
  try {
    if ((await readTransaction(warehouse, missing)).length === 0) return;
    await rolledBackTransaction(warehouse, async () => {
      await applyMigrations(warehouse);
      for (const statement of await missing()) await warehouse.query(statement);
    });
  } catch (error) {
    throw failure('warehouse', `${whereIs(warehouse)}, preparing schema "${schema}"`, error);
  }
}

function isUpToDate(survey: Survey, lake: LoadedLake): boolean {
  const { before, after } = planSchema(survey.schema, survey.relations);
  return nextStep(survey, lake) === undefined && before.length + after.length === 0;
}

async function catchUp(options: LoadOptions, lake: LoadedLake): Promise<LoadResult> {
  const done: LoadedVersion[] = [];
  for (;;) {
    const { held, loaded } = await lockedTransaction(options.warehouse, `schema ${options.schema}`, () =>
      advance(options, lake),
    );
    if (loaded !== undefined) done.push(loaded);
    if (loaded === undefined || held >= lake.version) return summary(held, done);
  }
}

function summary(version: number, done: readonly LoadedVersion[]): LoadResult {
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
  return {
    version,
    versions: done.map((each) => each.version),
    loaded: Object.fromEntries(starTables.map(({ name }) => [name, sum(done.map(({ rows }) => rows[name] ?? 0))])),
    warnings: sum(done.map(({ warnings }) => warnings)),
  };
}
