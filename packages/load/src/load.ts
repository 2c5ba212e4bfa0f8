import { failure, whereIs } from '@totes/core';
import { advance } from './advance.ts';
import type { Dialect } from './dialect.ts';
import { dialectOf } from './dialectOf.ts';
import { lacking } from './lacking.ts';
import { lakeHead, type LakeHead } from './lakeHead.ts';
import type { LoadedLake } from './ledger.ts';
import { committed, summary, type LoadResult } from './loadResult.ts';
import { loadedVersion, lostEverything, nextStep } from './nextStep.ts';
import type { LoadOptions } from './options.ts';
import { isOfOtherLog } from './otherVersion.ts';
import { refuseBadSchemaName } from './schemaName.ts';
import { surveyWarehouse, type Survey } from './survey.ts';

/**
 * Brings the warehouse up to the head of the processed log, each version in a transaction of its own. May run any
 * number of times, and twice at once: a version that is there already is never loaded again.
 *
 * @throws WarehouseMismatch where tables or rows are there that the declaration and the ledger do not explain;
 *   or the processed log was rebuilt since the last load; CommitConflict where it was rebuilt meanwhile;
 *   WarehouseUnavailable, WarehouseRefused, LakeUnavailable, LakeRefused, LakeCorrupt, ManifestUnsupported, ConfigInvalid
 */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const { warehouse, processed, schema } = options;
  const dialect = dialectOf(warehouse);
  refuseBadSchemaName(schema);
  dialect.refuse(options);
  try {
    const survey = await dialect.readTransaction(warehouse, () => surveyWarehouse(warehouse, schema));
    const lake = await lakeHead(processed, survey.lakes);
    if (lake === undefined) return summary(0, []);
    // A replay that is about to commit makes them one log: the lock shows whether there is one.
    const isOtherLog = !lostEverything(survey) && (await isOfOtherLog(options, lake.common));
    // Seen without the lock, so that a run with nothing to do does not wait for one that has much.
    if (!isOtherLog && isUpToDate(dialect, survey, lake, options.adopt))
      return summary(loadedVersion(survey, lake.lakeId), []);
    await dialect.migrate(warehouse);
    return await catchUp(options, lake);
  } catch (error) {
    throw failure('warehouse', whereIs(warehouse), error);
  }
}

/**
 * Makes what the warehouse lacks of schemas, tables, keys and views, and takes it back: whoever has yet to read the source
 * learns first whether the warehouse would take it. Throws as `load` does.
 */
export async function rehearse(options: Pick<LoadOptions, 'warehouse' | 'processed' | 'schema'>): Promise<void> {
  const { warehouse, schema } = options;
  const dialect = dialectOf(warehouse);
  dialect.refuse(options);
  const missing = async (): Promise<readonly string[]> => lacking(dialect, await surveyWarehouse(warehouse, schema));
  try {
    if ((await dialect.readTransaction(warehouse, missing)).length === 0) return;
    await dialect.rolledBackTransaction(warehouse, async () => {
      await dialect.applyMigrations(warehouse);
      for (const statement of await missing()) await warehouse.query(statement);
    });
  } catch (error) {
    throw failure('warehouse', `${whereIs(warehouse)}, preparing schema "${schema}"`, error);
  }
}

function isUpToDate(dialect: Dialect, survey: Survey, lake: LoadedLake, adopt?: boolean): boolean {
  const isWhole = lacking(dialect, survey).length === 0;
  return nextStep(survey, lake, adopt) === undefined && isWhole;
}

async function catchUp(options: LoadOptions, lake: LakeHead): Promise<LoadResult> {
  const { now = () => new Date() } = options;
  const dialect = dialectOf(options.warehouse);
  const done: ReturnType<typeof committed>[] = [];
  let { common } = lake;
  for (;;) {
    const { held, loaded, newest } = await dialect.lockedTransaction(
      options.warehouse,
      `schema ${options.schema}`,
      () => advance(options, { ...lake, common }),
    );
    common = newest;
    if (loaded !== undefined) done.push(committed(loaded, newest.source.readAt, now()));
    if (loaded === undefined || held >= lake.version) return summary(held, done);
  }
}
