import { randomUUID } from 'node:crypto';
import { openStore, processedBucket, rawBucket, readConfig, setting } from '@totes/core';
import { publishMetrics } from './metrics.ts';
import { transform, type TransformResult } from './transform.ts';

/** Runs the transform that the environment describes, and publishes what it set aside as metrics. */
export async function run(env: Readonly<Record<string, string | undefined>>): Promise<TransformResult> {
  const config = readConfig(
    {
      raw: setting.text('RAW_BUCKET'),
      processed: setting.text('PROCESSED_BUCKET'),
      codeVersion: setting.optional(setting.text('CODE_VERSION'), 'unknown'),
      service: setting.optional(setting.text('AWS_LAMBDA_FUNCTION_NAME'), 'transform'),
    },
    env,
  );
  const [raw, processed] = await Promise.all([openStore(config.raw), openStore(config.processed)]);
  const result = await transform({
    raw: rawBucket(raw),
    processed: processedBucket(processed),
    runId: randomUUID(),
    codeVersion: config.codeVersion,
    now: () => new Date(),
  });
  publishMetrics(result, config.service);
  return result;
}
