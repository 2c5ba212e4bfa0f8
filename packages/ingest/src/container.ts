import { databaseUrl, newRunId, openStore, rawBucket, withDatabase, withPostgres, type RawBucket } from '@totes/core';
import type { Client } from 'pg';
import type { IngestAnswer } from './answer.ts';
import { readCall, type Call } from './call.ts';
import { ingestConfig, type IngestConfig } from './config.ts';
import { ingest, ingestUnless, type IngestOptions, type IngestResult, type LargeLook } from './ingest.ts';
import { awaitPlan } from './slices/awaitPlan.ts';
import { commitSlices } from './slices/commitSlices.ts';
import { isWorthFanningOut } from './slices/cut.ts';
import { giveUp } from './slices/giveUp.ts';
import { hold } from './slices/hold.ts';
import { isBeingRead } from './slices/oneAtATime.ts';
import { SliceFolder } from './slices/sliceFolder.ts';
import { takeSlice } from './slices/takeSlice.ts';

/** As often as a person would look; a listing of a bucket costs half a thousandth of a cent. */
const pauseMillis = 1000;

/** Less than the 15 minutes that Lambda allows, so that the function can say what came of it. */
const mostHeldMillis = 14 * 60 * 1000;

/** A function that starts, its connection, and locks that others may hold for a while. */
const mostPlanningMillis = 5 * 60 * 1000;

const now = (): Date => new Date();

/** The one place where ingest gets its settings, secrets, connections and clock. */
export async function runIngest(
  env: Readonly<Record<string, string | undefined>>,
  makeRunId = (): string => newRunId(new Date()),
  event?: unknown,
): Promise<IngestAnswer> {
  const config = ingestConfig(env);
  const call = readCall(event);
  const runId = makeRunId();
  const raw = rawBucket(await openStore(config.raw));
  return answer(call, { config, raw, runId });
}

interface Setting {
  readonly config: IngestConfig;
  readonly raw: RawBucket;
  readonly runId: string;
}

async function answer(call: Call, { config, raw, runId }: Setting): Promise<IngestAnswer> {
  const { source: database, format, schema, capture, acceptNarrowed, sliceBlocks, codeVersion } = config;
  const options = { format, schema, capture, acceptNarrowed, sliceBlocks };
  const ofSource = { side: 'source', applicationName: 'totes ingest' } as const;
  const run = (source: Client): IngestOptions => ({ source, raw, options, runId, codeVersion, now });
  if (call.task === 'ingest') {
    return withDatabase({ ...ofSource, database }, async (source) => {
      if (!call.leaveLarge) return ingest(run(source));
      const result = await ingestUnless(run(source), ({ slices }) => isWorthFanningOut(slices));
      if ('read' in result) return result;
      const { uri } = raw.store;
      return (await isBeingRead(source, uri)) ? leftToAnother(result, uri) : { ...result, folder: `slices/${runId}` };
    });
  }
  // Ended with the call: as many functions as read slices would keep theirs for a call that does not come.
  const connected = async <T>(work: (source: Client) => Promise<T>): Promise<T> =>
    withPostgres({ ...ofSource, url: await databaseUrl(database) }, work);
  const folder = new SliceFolder(raw.store, call.folder);
  switch (call.task) {
    case 'hold':
      return connected((source) => hold(run(source), folder, { pauseMillis, mostMillis: mostHeldMillis }));
    case 'await':
      return awaitPlan(folder, { pauseMillis, mostMillis: mostPlanningMillis });
    case 'slice':
      return takeSlice(raw.store, { folder, number: call.number, runId }, connected);
    case 'commit':
      return commitSlices(raw, folder, codeVersion, now());
    case 'give up':
      return { version: await raw.log.head(), failure: await giveUp(folder, call.failure) };
  }
}

/** Nothing new, as far as this call is concerned. */
const leftToAnother = ({ version, committed, slices }: LargeLook, lake: string): IngestResult => ({
  ...{ version, committed, read: {}, deleted: {}, served: 0, schemaChanges: [], bytes: 0 },
  notices: [`${slices} slices are left to another run, which reads the source into ${lake} now`],
});
