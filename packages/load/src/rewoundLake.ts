import { WarehouseMismatch } from '@totes/core';
import type { LakeHead } from './lakeHead.ts';
import type { LoadOptions } from './options.ts';
import { etl, sameReadQuery } from './sql/ledger.ts';
import { relationExists } from './survey.ts';

/**
 * A lake that was put back to an older copy and has gone on since uses version numbers again that the warehouse holds
 * with other contents: the fence would pass them over. Throws WarehouseMismatch for such a lake.
 */
export async function refuseRewoundLake(
  { warehouse, processed, schema }: Pick<LoadOptions, 'warehouse' | 'processed' | 'schema'>,
  { common }: LakeHead,
): Promise<void> {
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
