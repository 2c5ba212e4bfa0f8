import { newRunId, openStore, rawBucket, withDatabase } from '@totes/core';
import { ingestConfig } from './config.ts';
import { ingest, type IngestResult } from './ingest.ts';

/** The one place where ingest gets its settings, secrets, connections and clock. */
export async function runIngest(
  env: Readonly<Record<string, string | undefined>>,
  makeRunId = (): string => newRunId(new Date()),
): Promise<IngestResult> {
  const { source: database, raw: bucket, codeVersion, ...options } = ingestConfig(env);
  const runId = makeRunId();
  const raw = rawBucket(await openStore(bucket));
  return withDatabase({ database, side: 'source', applicationName: 'totes ingest' }, (source) =>
    ingest({ source, raw, options, runId, codeVersion, now: () => new Date() }),
  );
}
