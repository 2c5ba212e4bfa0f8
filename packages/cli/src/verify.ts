import { newRunId, requestLook } from '@totes/core';
import { verify, type VerifyResult } from '@totes/verify';
import { openLakeHere, runPipeline, using, type IngestInput } from './pipeline.ts';

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

/** How to read the source again. */
export type HealInput = VerifyInput & Pick<IngestInput, 'lake' | 'rawFormat' | 'capture' | 'acceptNarrowed'>;

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
const goneRows = ({ gone }: VerifyResult): number => sum(Object.values(gone).map(({ rows }) => rows));

/** Rows that are wrong; not those that are set aside, which reading again need not mend. */
const faults = (result: VerifyResult): number =>
  sum(Object.values(result.tables).flatMap(({ missing, extra, altered, stale }) => [missing, extra, altered, stale])) +
  goneRows(result);

/** Whether something is wrong that neither the next run nor reading again mends, by what is left after `runHeal`. */
export const needsReplay = (left: VerifyResult): boolean => sum(Object.values(left.settled)) + goneRows(left) > 0;

/** How a place reads rows again and compares. */
export interface Healing {
  /** Has the keys of a comparison read again, and gives the version that holds them. */
  readonly readAgain: (found: VerifyResult) => Promise<number>;
  readonly compare: () => Promise<VerifyResult>;
}

/** What differs after healing, and the versions that were made. */
export interface Healed {
  readonly left: VerifyResult;
  readonly versions: number[];
}

/** Heals with this machine's own runs; see `heal`. */
export async function runHeal(
  input: HealInput,
  found: VerifyResult,
  onProgress: (stage: string, table: string, rows: number) => void,
): Promise<Healed> {
  const { raw } = await openLakeHere(input.lake);
  return heal(found, {
    async readAgain({ keys }) {
      await requestLook(raw.store, { requestedBy: 'verify', keys }, { runId: newRunId(new Date()), now: new Date() });
      return (await runPipeline(input, onProgress)).version;
    },
    compare: () =>
      runVerify(input, (table, rows) => {
        onProgress('verify', table, rows);
      }),
  });
}

/**
 * Reads the rows at fault again, through the lake like every change, and compares anew; as often as that leaves fewer
 * of them, because a comparison names no more keys than one look can take. Reads nothing where there is none to name.
 */
export async function heal(found: VerifyResult, { readAgain, compare }: Healing): Promise<Healed> {
  const versions: number[] = [];
  let left = found;
  while (Object.keys(left.keys).length > 0) {
    versions.push(await readAgain(left));
    const next = await compare();
    const isBetter = faults(next) < faults(left);
    left = next;
    if (!isBetter) break;
  }
  return { left, versions };
}
