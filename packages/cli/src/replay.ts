import { CommitConflict, newRunId, type Lake } from '@totes/core';
import { replay, type ReplayOptions, type ReplayResult } from '@totes/load';
import { transform } from '@totes/transform';
import { openLakeHere, using } from './pipeline.ts';
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
    return replay({
      warehouse,
      schema: input.schema,
      codeVersion,
      ...(input.fromRaw === true ? await rebuilt(lake, onProgress) : { processed: lake.processed }),
      ...(input.replaceOtherLake === true && { replaceOtherLake: true }),
      onProgress: ({ table, rows }) => {
        onProgress('load', table, rows);
      },
    });
  });
}

/** The processed log anew, empty at first, and beside the one in force until it is published. */
async function rebuilt(
  { raw, processed }: Lake,
  onProgress: OnProgress,
): Promise<Required<Pick<ReplayOptions, 'processed' | 'catchUp' | 'publish'>>> {
  const runId = newRunId(new Date());
  const next = await processed.log.nextGeneration(runId);
  const bucket = { store: processed.store, log: next.log };
  return {
    processed: bucket,
    catchUp: () =>
      transform({
        raw,
        processed: bucket,
        runId,
        codeVersion,
        now: () => new Date(),
        onProgress: ({ table, rows }) => {
          onProgress('transform', table, rows);
        },
      }),
    async publish() {
      if (await next.publish()) return;
      throw new CommitConflict(`${processed.store.uri}: another replay rebuilt the processed log first: run again`);
    },
  };
}
