import { newRunId, openStore, processedBucket, rawBucket, readConfig, setting } from '@totes/core';
import { transform, type TransformResult } from './transform.ts';

/** Runs the transform that the environment describes. */
export async function runTransform(
  env: Readonly<Record<string, string | undefined>>,
  makeRunId = (): string => newRunId(new Date()),
): Promise<TransformResult> {
  const config = readConfig(
    {
      raw: setting.text('RAW_BUCKET'),
      processed: setting.text('PROCESSED_BUCKET'),
      codeVersion: setting.optional(setting.text('CODE_VERSION'), 'unknown'),
    },
    env,
  );
  const runId = makeRunId();
  const [raw, processed] = await Promise.all([openStore(config.raw), openStore(config.processed)]);
  return transform({
    raw: rawBucket(raw),
    processed: processedBucket(processed),
    runId,
    codeVersion: config.codeVersion,
    now: () => new Date(),
  });
}
