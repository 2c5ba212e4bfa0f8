import {
  newRunId,
  openStore,
  processedBucket,
  readConfig,
  requestLook,
  setting,
  withDatabase,
  type DatabaseSide,
} from '@totes/core';
import type { Client } from 'pg';
import type { VerifyResult } from './result.ts';
import { verify } from './verify.ts';

/**
 * Compares what the environment names, and asks the next run of ingest for the rows at fault. Differences are a result,
 * not an error.
 */
export async function runVerify(
  env: Readonly<Record<string, string | undefined>>,
  makeRunId = (): string => newRunId(new Date()),
): Promise<VerifyResult> {
  const config = readConfig(
    {
      source: setting.text('SOURCE_DATABASE'),
      warehouse: setting.text('WAREHOUSE_DATABASE'),
      raw: setting.text('RAW_BUCKET'),
      processed: setting.text('PROCESSED_BUCKET'),
      sourceSchema: setting.optional(setting.text('SOURCE_SCHEMA'), 'public'),
      schema: setting.optional(setting.text('WAREHOUSE_SCHEMA'), 'public'),
    },
    env,
  );
  const { sourceSchema, schema } = config;
  const [raw, processed] = await Promise.all([openStore(config.raw), openStore(config.processed)]);
  const result = await connected('warehouse', config.warehouse, (warehouse) =>
    connected('source', config.source, (source) =>
      verify({ source, warehouse, sourceSchema, schema, processed: processedBucket(processed) }),
    ),
  );
  const { keys } = result;
  if (Object.keys(keys).length > 0) {
    await requestLook(raw, { requestedBy: 'verify', keys }, { runId: makeRunId(), now: new Date() });
  }
  return result;
}

const connected = <T>(side: DatabaseSide, database: string, work: (client: Client) => Promise<T>): Promise<T> =>
  withDatabase({ database, side, applicationName: 'totes verify' }, work);
