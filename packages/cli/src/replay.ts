import { CommitConflict, type Lake, type ProcessedBucket } from '@totes/core';
import { replay, type ReplayResult } from '@totes/load';
import { transform } from '@totes/transform';
import { newRunId, openLakeHere, using } from './pipeline.ts';
import { codeVersion } from './release.ts';

export interface ReplayInput {
  readonly lake: string;
  readonly warehouse: string;
  readonly schema: string;
  /** Whether the processed log is rebuilt first. */
  readonly fromRaw?: true;
  readonly replaceOtherLake?: true;
}

type OnProgress = (stage: string, table: string, rows: number) => void;

/** Rebuilds the warehouse, and with `fromRaw` the processed log before it, from the lake. Throws as its stages do. */
export async function runReplay(input: ReplayInput, onProgress: OnProgress): Promise<ReplayResult> {
  const lake = await openLakeHere(input.lake);
  return using('warehouse', input.warehouse, async (warehouse) => {
    const rebuilt = input.fromRaw === true ? await rebuild(lake, onProgress) : undefined;
    return replay({
      warehouse,
      processed: rebuilt?.processed ?? lake.processed,
      schema: input.schema,
      codeVersion,
      ...(rebuilt && { publish: rebuilt.publish }),
      ...(input.replaceOtherLake === true && { replaceOtherLake: true }),
      onProgress: ({ table, rows }) => {
        onProgress('load', table, rows);
      },
    });
  });
}

/** The processed log anew, beside the one in force until it is published. */
async function rebuild(
  { raw, processed }: Lake,
  onProgress: OnProgress,
): Promise<{ processed: ProcessedBucket; publish: () => Promise<void> }> {
  const runId = newRunId();
  const next = await processed.log.nextGeneration(runId);
  const bucket = { store: processed.store, log: next.log };
  const bringUp = (): Promise<unknown> =>
    transform({
      raw,
      processed: bucket,
      runId,
      codeVersion,
      now: () => new Date(),
      onProgress: ({ table, rows }) => {
        onProgress('transform', table, rows);
      },
    });
  await bringUp();
  return {
    processed: bucket,
    async publish() {
      // The pipeline may have gone on meanwhile, and the warehouse may hold by now what was ingested since.
      await bringUp();
      if (await next.publish()) return;
      throw new CommitConflict(`${processed.store.uri}: another replay rebuilt the processed log first: run again`);
    },
  };
}
