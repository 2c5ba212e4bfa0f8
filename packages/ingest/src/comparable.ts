import { parseSnapshot, type RawManifest, type SourcePosition } from '@totes/core';
import type { Position } from './position.ts';

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
 * Whether two looks saw the same database, so that object ids and column numbers mean the same in both. A server that
 * does not tell its identity (it has timeline 0 then) is taken for the same one.
 */
export const isSameDatabase = (before: SourcePosition, now: SourcePosition): boolean =>
  before.databaseOid === now.databaseOid &&
  (before.systemIdentifier === now.systemIdentifier || before.timeline === 0 || now.timeline === 0);

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
  if (wasStartedAgain(before, source.startedAt)) {
    const then = before.startedAt === undefined ? '' : `; at ${since} it was the one started at ${before.startedAt}`;
    return (
      `the source's server was started at ${source.startedAt}${then}: ` +
      'a copy restored in its place cannot be told from a mere restart'
    );
  }
  return undefined;
}

/**
 * Whether another server process answers than at a version. A copy made while the server was stopped has its
 * identifier, its timeline and no crash to recover from. Once it has given out as many transaction ids as the original
 * had when that was read, nothing else tells them apart, and rows that the copy wrote under lower ids would never be
 * seen. A server that keeps running is the same one, so only a start is suspicious.
 *
 * @param before a manifest of an older release does not say when; what had started before it was read was that server
 */
const wasStartedAgain = (before: SourcePosition, startedAt: string): boolean =>
  before.startedAt === undefined ? startedAt > before.readAt : startedAt !== before.startedAt;
