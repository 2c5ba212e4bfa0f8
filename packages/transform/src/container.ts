import { newRunId, openStore, processedBucket, rawBucket, readConfig, setting } from '@totes/core';
import type { TransformAnswer } from './answer.ts';
import { readCall } from './call.ts';
import { isWorthFanningOut } from './slices/factSlice.ts';
import { recorded } from './slices/recorded.ts';
import { SliceFolder } from './slices/sliceFolder.ts';
import { takeSlice } from './slices/takeSlice.ts';
import { added, nothing } from './totals.ts';
import { transformUnless, type TransformOptions } from './transform.ts';

/** Runs the transform that the environment describes, or the part of it that the event asks for. */
export async function runTransform(
  env: Readonly<Record<string, string | undefined>>,
  makeRunId = (): string => newRunId(new Date()),
  event?: unknown,
): Promise<TransformAnswer> {
  const config = readConfig(
    {
      raw: setting.text('RAW_BUCKET'),
      processed: setting.text('PROCESSED_BUCKET'),
      codeVersion: setting.optional(setting.text('CODE_VERSION'), 'unknown'),
    },
    env,
  );
  const { codeVersion } = config;
  const call = readCall(event);
  const runId = makeRunId();
  const [raw, processed] = await Promise.all([openStore(config.raw), openStore(config.processed)]);
  if (call.task === 'slice') {
    return takeSlice({ raw, processed }, new SliceFolder(processed, call.folder), call.number, codeVersion);
  }
  const options = {
    raw: rawBucket(raw),
    processed: processedBucket(processed),
    runId,
    codeVersion,
    now: () => new Date(),
  };
  return advanceLog(options, call.leaveLarge, call.task === 'commit' ? call.folder : undefined);
}

/** @param folder where the slices of a version are that an earlier call left */
async function advanceLog(
  options: TransformOptions,
  leaveLarge: boolean,
  folder: string | undefined,
): Promise<TransformAnswer> {
  const { processed, runId, codeVersion } = options;
  const done = folder === undefined ? undefined : new SliceFolder(processed.store, folder);
  const plan = await done?.readPlan();
  const runSlices = done && plan && recorded(done, plan.work.version, codeVersion);
  const result = await transformUnless(
    { ...options, ...(runSlices && { runSlices }) },
    (work) => leaveLarge && work.version !== plan?.work.version && isWorthFanningOut(work),
  );
  const { version, waiting, ...ofThisCall } = result;
  const totals = added(plan?.before ?? nothing, ofThisCall);
  if (!('left' in result)) return { version, ...totals, waiting };
  const next = new SliceFolder(processed.store, `slices/${runId}`);
  await next.writePlan({ work: result.left, before: totals });
  return { version, folder: `slices/${runId}`, items: next.items, slices: result.left.slices.length };
}
