import { CommitConflict, type Lake } from '@totes/core';
import { replay, type ReplayOptions, type ReplayResult } from '@totes/load';
import { transform, type TransformOptions } from '@totes/transform';
import type { Client } from 'pg';

export interface LakeReplay extends Pick<TransformOptions, 'runSlices'> {
  readonly lake: Lake;
  /** As `connectPostgres` makes it; used for nothing else meanwhile. */
  readonly warehouse: Client;
  readonly schema: string;
  /** Whether the processed log is rebuilt from the raw one first. */
  readonly fromRaw: boolean;
  /** See `ReplayOptions`. */
  readonly replaceOtherLake: boolean;
  /** Of this run alone: the rebuilt log's folder is named after it. */
  readonly runId: string;
  readonly codeVersion: string;
  readonly onProgress?: (stage: 'transform' | 'load', table: string, rows: number) => void;
}

/**
 * Rebuilds the warehouse, and with `fromRaw` the processed log before it, from the lake. Where it fails or is killed, both
 * are as they were. Throws as `replay` of load and `transform` do.
 */
export async function replayLake(options: LakeReplay): Promise<ReplayResult> {
  const { lake, warehouse, schema, fromRaw, replaceOtherLake, codeVersion, onProgress } = options;
  return replay({
    warehouse,
    schema,
    codeVersion,
    ...(fromRaw ? await rebuilt(options) : { processed: lake.processed }),
    ...(replaceOtherLake && { replaceOtherLake }),
    onProgress: ({ table, rows }) => onProgress?.('load', table, rows),
  });
}

/** The processed log anew, empty at first, and beside the one in force until it is published. */
async function rebuilt({
  lake: { raw, processed },
  runId,
  codeVersion,
  runSlices,
  onProgress,
}: LakeReplay): Promise<Required<Pick<ReplayOptions, 'processed' | 'catchUp' | 'publish'>>> {
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
        ...(runSlices && { runSlices }),
        now: () => new Date(),
        onProgress: ({ table, rows }) => onProgress?.('transform', table, rows),
      }),
    async publish() {
      if (await next.publish()) return;
      throw new CommitConflict(`${processed.store.uri}: another replay rebuilt the processed log first: run again`);
    },
  };
}
