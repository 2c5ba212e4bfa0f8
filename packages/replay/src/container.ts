import { newRunId, openStore, processedBucket, rawBucket, readConfig, setting, withDatabase } from '@totes/core';
import type { ReplayResult } from '@totes/load';
import { replayLake } from './replayLake.ts';
import { replayRequest } from './request.ts';

/** Runs the replay that the event asks for, with what the environment describes. */
export async function runReplay(
  env: Readonly<Record<string, string | undefined>>,
  makeRunId = (): string => newRunId(new Date()),
  event?: unknown,
): Promise<ReplayResult> {
  const config = readConfig(
    {
      warehouse: setting.text('WAREHOUSE_DATABASE'),
      raw: setting.text('RAW_BUCKET'),
      processed: setting.text('PROCESSED_BUCKET'),
      schema: setting.optional(setting.text('WAREHOUSE_SCHEMA'), 'public'),
      codeVersion: setting.optional(setting.text('CODE_VERSION'), 'unknown'),
    },
    env,
  );
  const request = replayRequest(event);
  const runId = makeRunId();
  const { warehouse: database, schema, codeVersion } = config;
  const [raw, processed] = await Promise.all([openStore(config.raw), openStore(config.processed)]);
  const lake = { raw: rawBucket(raw), processed: processedBucket(processed) };
  return withDatabase({ database, side: 'warehouse', applicationName: 'totes replay' }, (warehouse) =>
    replayLake({ lake, warehouse, schema, ...request, runId, codeVersion }),
  );
}
