import { newRunId } from '@totes/core';
import { replayLake, type ReplayResult } from '@totes/replay';
import { pool } from '@totes/transform';
import { openLakeHere, using } from './pipeline.ts';
import { codeVersion } from './release.ts';

/** What a replay may be asked for, wherever it runs. */
export interface ReplayChoices {
  /** Whether the processed log is rebuilt first. */
  readonly fromRaw?: boolean;
  readonly replaceOtherLake?: boolean;
}

export interface ReplayInput extends ReplayChoices {
  readonly lake: string;
  readonly warehouse: string;
  readonly schema: string;
  /** See TransformInput. */
  readonly workers?: number;
}

/** Rebuilds the warehouse from the lake, from here. Throws as `replayLake` does. */
export async function replayHere(
  { lake, warehouse, schema, workers = 1, fromRaw = false, replaceOtherLake = false }: ReplayInput,
  onProgress: (stage: string, table: string, rows: number) => void,
): Promise<ReplayResult> {
  const opened = await openLakeHere(lake);
  const runId = newRunId(new Date());
  return using('warehouse', warehouse, (client) =>
    replayLake({
      ...{ lake: opened, warehouse: client, schema, fromRaw, replaceOtherLake, runId, codeVersion, onProgress },
      runSlices: pool(workers),
    }),
  );
}
