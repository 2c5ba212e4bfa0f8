import { setTimeout } from 'node:timers/promises';
import { CommitConflict, failure, LakeUnavailable, refuseRedshift, WarehouseUnavailable, whereIs } from '@totes/core';
import type { Client } from 'pg';
import { lakeHead, type LakeHead } from '../lakeHead.ts';
import { load } from '../load.ts';
import { inAll, type LoadResult } from '../loadResult.ts';
import { migrate } from '../migrate.ts';
import { loadedVersion } from '../nextStep.ts';
import { refuseRewoundLake } from '../otherVersion.ts';
import { refuseDifferences } from '../schemaDifferences.ts';
import { refuseBadSchemaName } from '../schemaName.ts';
import { tryLock, unlock } from '../sql/shadow.ts';
import { surveyWarehouse } from '../survey.ts';
import { lockedTransaction, readTransaction, rolledBackTransaction } from '../transaction.ts';
import { exchange } from './exchange.ts';
import { usualPatience, type ReplayOptions } from './options.ts';
import { refuseLoss } from './refuseLoss.ts';
import { bareShadow, createShadow, dropShadow, finishShadow } from './shadow.ts';
import { outliveOlderTransactions, untilLocked } from './waiting.ts';

/** How often to catch up with loads that go on before giving up. */
const maxRounds = 20;

/** How long readers may be kept waiting while the log is put in force, in milliseconds. */
const publishMillis = 10_000;

/** What was loaded into the warehouse that took the old one's place. */
export type ReplayResult = ReturnType<typeof inAll>;

/**
 * Rebuilds a warehouse schema from the whole processed log in a schema beside it, and puts it in the old one's place in
 * one transaction. Who reads meanwhile sees the old warehouse, then the new one, and waits for a second at most, and for
 * `publish` where there is one. Owners, rights, comments, options, users' indexes and views of the star outlive it; all
 * else in the schema is not touched. Loads may go on meanwhile. A replay that fails or is killed leaves the warehouse as
 * it was. It mends one that was loaded from the processed log as it was before it was rebuilt.
 *
 * @throws WarehouseMismatch where the warehouse holds what the lake does not; WarehouseRefused where something depends on
 *   the star that cannot be made again; CommitConflict where the warehouse goes ahead of the log; WarehouseUnavailable
 *   where another replay is at work or the tables stay in use; what `load`, `catchUp` and `publish` throw
 */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { warehouse, schema } = options;
  refuseRedshift(warehouse, 'a replay', 'empty the star tables, and totes load rebuilds all of them from the lake');
  refuseBadSchemaName(schema);
  try {
    return await alone(warehouse, schema, () => rebuild(options));
  } catch (error) {
    throw failure('warehouse', `${whereIs(warehouse)}, replaying into schema "${schema}"`, error);
  }
}

/** Runs `work` while no other session replays the schema. */
async function alone<T>(client: Client, schema: string, work: () => Promise<T>): Promise<T> {
  const { rows } = await client.query<{ locked: boolean }>(tryLock, [schema]);
  if (!rows[0]!.locked) {
    throw new WarehouseUnavailable(`another replay of warehouse schema "${schema}" is at work: wait for its end`);
  }
  try {
    return await work();
  } finally {
    // A connection that was lost holds no lock.
    await client.query(unlock, [schema]).catch(() => undefined);
  }
}

async function rebuild(options: ReplayOptions): Promise<ReplayResult> {
  const { warehouse, processed, schema } = options;
  const before = await readTransaction(warehouse, () => surveyWarehouse(warehouse, schema));
  await options.catchUp?.();
  const lake = await lakeHead(processed, before.lakes);
  refuseDifferences(schema, before.relations);
  if (options.replaceOtherLake !== true) {
    refuseLoss(before, lake);
    if (lake !== undefined) await refuseRewoundLake(options, lake.common);
  }
  if (lake === undefined) return inAll([]);
  await migrate(warehouse);
  const shadow = await createShadow(warehouse, schema);
  try {
    await rehearseExchange(options, shadow);
    await bareShadow(warehouse, shadow);
    return await fillAndExchange(options, lake, loadedVersion(before, lake.lakeId), shadow);
  } catch (error) {
    // Where even this fails, the connection is lost, the first error says more, and the next replay drops it.
    await dropShadow(warehouse, schema).catch(() => undefined);
    throw error;
  }
}

/** Exchanges the schemas while the shadow is empty, and takes it back: what stands in the way shows before the long work. */
async function rehearseExchange(options: ReplayOptions, shadow: string): Promise<void> {
  const { warehouse, schema } = options;
  const { locks } = { ...usualPatience, ...options.patience };
  await untilLocked(locks, schema, () =>
    rolledBackTransaction(warehouse, async () => {
      await exchange(warehouse, await surveyWarehouse(warehouse, schema), shadow);
    }),
  );
}

/** @param heldBefore the version of the lake that the warehouse held at first */
async function fillAndExchange(
  options: ReplayOptions,
  lake: LakeHead,
  heldBefore: number,
  shadow: string,
): Promise<ReplayResult> {
  const { warehouse, processed, schema, codeVersion, onProgress } = options;
  const patience = { ...usualPatience, ...options.patience };
  const done: LoadResult[] = [];
  const fill = async (): Promise<ReplayResult> => {
    done.push(await load({ warehouse, processed, schema: shadow, codeVersion, ...(onProgress && { onProgress }) }));
    return inAll(done);
  };
  await finishShadow(warehouse, schema, (await fill()).loaded);
  let held = heldBefore;
  for (let round = 1; ; round++) {
    await options.catchUp?.();
    const result = await fill();
    if (held > Math.max(result.version, heldBefore)) {
      throw new CommitConflict(
        `warehouse schema "${schema}" went on to version ${held} while it was rebuilt up to version ${result.version}, ` +
          `where ${processed.store.uri} ends: transform, then replay again`,
      );
    }
    if (round > maxRounds) {
      throw new CommitConflict(
        `warehouse schema "${schema}" was loaded into ${maxRounds} times while the rebuilt one caught up with it, ` +
          `at last up to version ${held}: replay again, while loads are seldom`,
      );
    }
    await outliveOlderTransactions(warehouse, patience.transactions);
    held = await untilLocked(patience.locks, schema, () =>
      lockedTransaction(warehouse, `schema ${schema}`, () =>
        exchangeUnlessBehind(options, lake, Math.max(result.version, heldBefore), shadow),
      ),
    );
    if (held <= Math.max(result.version, heldBefore)) return result;
  }
}

/**
 * The work of one transaction, under the lock of loads: exchanges the schemas unless the warehouse went further than the
 * shadow. Gives the version that the warehouse held.
 */
async function exchangeUnlessBehind(
  { warehouse, schema, replaceOtherLake, publish }: ReplayOptions,
  { lakeId }: LakeHead,
  rebuilt: number,
  shadow: string,
): Promise<number> {
  const survey = await surveyWarehouse(warehouse, schema);
  const held = loadedVersion(survey, lakeId);
  if (held > rebuilt) return held;
  refuseDifferences(schema, survey.relations);
  if (replaceOtherLake !== true) refuseLoss(survey, { lakeId, version: rebuilt });
  await exchange(warehouse, survey, shadow);
  // Last, so that the log is not in force without the warehouse unless the commit itself is lost.
  if (publish !== undefined) await promptly(publish());
  return held;
}

/** Gives up what takes long: readers wait for it. */
const promptly = (publishing: Promise<void>): Promise<void> =>
  Promise.race([
    publishing,
    setTimeout(publishMillis, undefined, { ref: false }).then(() => {
      throw new LakeUnavailable(
        `the rebuilt log was not in force after ${publishMillis / 1000} s, for which readers waited: replay again`,
      );
    }),
  ]);
