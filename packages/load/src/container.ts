import { openStore, processedBucket, readConfig, setting, withDatabase } from '@totes/core';
import { load } from './load.ts';
import type { LoadResult } from './loadResult.ts';

/** Runs the load that the environment describes. */
export async function runLoad(env: Readonly<Record<string, string | undefined>>): Promise<LoadResult> {
  const config = readConfig(
    {
      warehouse: setting.text('WAREHOUSE_DATABASE'),
      processed: setting.text('PROCESSED_BUCKET'),
      schema: setting.optional(setting.text('WAREHOUSE_SCHEMA'), 'public'),
      codeVersion: setting.optional(setting.text('CODE_VERSION'), 'unknown'),
    },
    env,
  );
  const processed = processedBucket(await openStore(config.processed));
  const { warehouse: database, schema, codeVersion } = config;
  return withDatabase({ database, side: 'warehouse', applicationName: 'totes load' }, (warehouse) =>
    load({ warehouse, processed, schema, codeVersion }),
  );
}
