import type { Lake, ProcessedManifest, RawManifest } from '@totes/core';
import { attempt, type Part } from './attempt.ts';
import { schemaDrift } from './drift.ts';

/** What the logs of a lake say. */
export interface LakeState {
  readonly raw: Part<RawManifest | null>;
  readonly processed: Part<ProcessedManifest | null>;
  /** How the source's schema changed with the newest version. */
  readonly drift: readonly string[];
}

/** Reads the heads of both logs. Throws as a log does, but not where the lake cannot be reached. */
export async function readLakeState({ raw, processed }: Lake): Promise<LakeState> {
  const [rawHead, processedHead] = await Promise.all([
    attempt(() => headOf(raw.log)),
    attempt(() => headOf(processed.log)),
  ]);
  const newest = valueOf(rawHead);
  const before =
    newest === null || newest.version === 1 ? null : valueOf(await attempt(() => raw.log.read(newest.version - 1)));
  return { raw: rawHead, processed: processedHead, drift: schemaDrift(before, newest) };
}

export const valueOf = <T>(part: Part<T | null>): T | null => (part.fault === undefined ? part.value : null);

async function headOf<M extends RawManifest | ProcessedManifest>(log: {
  head(): Promise<number>;
  read(version: number): Promise<M>;
}): Promise<M | null> {
  const version = await log.head();
  return version === 0 ? null : log.read(version);
}
