import { requestLook } from '@totes/core';
import { verify, type VerifyResult } from '@totes/verify';
import { newRunId, openLakeHere, runPipeline, using } from './pipeline.ts';

export interface VerifyInput {
  readonly source: string;
  readonly sourceSchema: string;
  readonly warehouse: string;
  readonly schema: string;
  /** Tells which rows are set aside; needed to heal. */
  readonly lake?: string;
}

/** Compares the warehouse with the source. Throws as `verify` does, ConfigInvalid. */
export async function runVerify(
  input: VerifyInput,
  onProgress: (table: string, rows: number) => void,
): Promise<VerifyResult> {
  const lake = input.lake === undefined ? undefined : await openLakeHere(input.lake);
  return using('source', input.source, (source) =>
    using('warehouse', input.warehouse, (warehouse) =>
      verify({
        source,
        warehouse,
        sourceSchema: input.sourceSchema,
        schema: input.schema,
        ...(lake && { processed: lake.processed }),
        onProgress: ({ table, rows }) => {
          onProgress(table, rows);
        },
      }),
    ),
  );
}

/** Differences that reading again can mend. */
const mendable = ({ tables }: VerifyResult): number =>
  Object.values(tables).reduce((sum, { missing, extra, altered, stale }) => sum + missing + extra + altered + stale, 0);

/**
 * Reads the rows at fault again, through the lake like every change, and compares anew; as often as that leaves fewer
 * differences, because a comparison names no more keys than one look can take.
 *
 * @returns what differs then, and the versions that were made
 */
export async function runHeal(
  input: VerifyInput & { readonly lake: string },
  found: VerifyResult,
  onProgress: (stage: string, table: string, rows: number) => void,
): Promise<{ left: VerifyResult; versions: number[] }> {
  const { raw } = await openLakeHere(input.lake);
  const versions: number[] = [];
  let left = found;
  for (;;) {
    const request = { requestedBy: 'verify', keys: left.keys };
    // What was written since the load comes with this run anyhow.
    if (Object.values(left.settled).some((rows) => rows > 0)) {
      await requestLook(raw.store, request, { runId: newRunId(), now: new Date() });
    }
    const { version } = await runPipeline({ ...input, rawFormat: 'csv', capture: {} }, onProgress);
    versions.push(version);
    const next = await runVerify(input, (table, rows) => {
      onProgress('verify', table, rows);
    });
    const isBetter = mendable(next) < mendable(left);
    left = next;
    if (left.equal || !isBetter) return { left, versions };
  }
}
