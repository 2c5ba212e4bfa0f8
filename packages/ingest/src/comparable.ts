import type { RawManifest } from '@totes/core';
import type { Position } from './position.ts';
import { parseSnapshot } from './snapshot.ts';

/**
 * The server compares 32-bit ids over half their range, 2^31. The rest of it is margin for transactions that begin
 * while a look lasts.
 */
const comparableTransactions = 2_000_000_000n;

/** What two looks must share: a transaction id means the same in both, and the tables are the same ones. */
const identity = [
  ['system identifier', 'systemIdentifier'],
  ['timeline', 'timeline'],
  ['database oid', 'databaseOid'],
  ['schema', 'schema'],
] as const;

/**
 * Why the source's transaction ids cannot be held against those of the previous version, so that all must be read
 * again; undefined where they can.
 */
export function whyNotComparable(
  previous: RawManifest | undefined,
  { source, recoveredAt }: Position,
): string | undefined {
  if (previous === undefined) return 'nothing was read before';
  const before = previous.source;
  const since = `version ${previous.version}`;
  for (const [what, field] of identity) {
    if (before[field] !== source[field]) {
      return `the source's ${what} is ${JSON.stringify(source[field])}, at ${since} it was ${JSON.stringify(before[field])}`;
    }
  }
  if (recoveredAt !== undefined && recoveredAt > before.readAt) {
    return (
      `the source recovered from a crash at ${recoveredAt} (or its statistics were reset), after ${since} was read at ` +
      `${before.readAt}: transactions seen then may be lost and their ids used again`
    );
  }
  const [from, to] = [parseSnapshot(before.snapshot), parseSnapshot(source.snapshot)];
  if (to.xmax < from.xmax) {
    return `the source's transaction ids went back from ${from.xmax} at ${since} to ${to.xmax}: it was restored from a copy`;
  }
  if (to.xmax - from.xmin > comparableTransactions) {
    return `${to.xmax - from.xmin} transactions began since ${since}, more than can be compared (${comparableTransactions})`;
  }
  return undefined;
}
