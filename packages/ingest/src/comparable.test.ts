import { expect, test } from '@jest/globals';
import type { RawManifest, SourcePosition } from '@totes/core';
import { isSameDatabase, whyNotComparable } from './comparable.ts';

const source = {
  systemIdentifier: '7310',
  timeline: 1,
  databaseOid: 16384,
  database: 'totesys',
  schema: 'public',
  snapshot: '4294967290:4294967300:4294967290',
  readAt: '2026-01-01T10:00:00.000000Z',
  startedAt: '2026-01-01T08:00:00.000000Z',
} satisfies SourcePosition;

const previous: RawManifest = {
  kind: 'raw',
  format: 1,
  version: 7,
  lakeId: 'lake',
  runId: 'run',
  committedAt: '2026-01-01T10:00:01.000Z',
  codeVersion: 'test',
  source,
  tables: {},
};

const why = (now: Partial<typeof source>, recoveredAt?: string, before: RawManifest | undefined = previous) =>
  whyNotComparable(before, { source: { ...source, ...now }, recoveredAt, notices: [] });

test('the same source later compares, a renamed database too', () => {
  expect(why({})).toBeUndefined();
  expect(why({ snapshot: '4294967300:4294967310:', database: 'renamed' })).toBeUndefined();
});

test.each<[Partial<typeof source>, boolean]>([
  [{ timeline: 2, database: 'renamed', schema: 'other' }, true],
  [{ systemIdentifier: 'started 2026-01-01T10:00:00.000000Z', timeline: 0 }, true],
  [{ systemIdentifier: '7311' }, false],
  [{ databaseOid: 16385 }, false],
])('whether a source with %j is the same database: %j', (other, isSame) => {
  expect(isSameDatabase(source, { ...source, ...other })).toBe(isSame);
  expect(isSameDatabase({ ...source, ...other }, source)).toBe(isSame);
});

test('without a version before, everything is read', () => {
  expect(whyNotComparable(undefined, { source, recoveredAt: undefined, notices: [] })).toBe('nothing was read before');
});

test.each<[Partial<typeof source>, string]>([
  [{ systemIdentifier: '9' }, 'the source\'s system identifier is "9", at version 7 it was "7310"'],
  [{ timeline: 2 }, "the source's timeline is 2, at version 7 it was 1"],
  [{ databaseOid: 5 }, "the source's database oid is 5, at version 7 it was 16384"],
  [{ schema: 'shop' }, 'the source\'s schema is "shop", at version 7 it was "public"'],
])('%j is another source', (now, reason) => {
  expect(why(now)).toBe(reason);
});

test('ids that went back are those of a restored copy, though its xmax may hide behind an old xmin', () => {
  expect(why({ snapshot: '4294967299:4294967299:' })).toMatch(/went back from 4294967300 at version 7 to 4294967299/);
  expect(why({ snapshot: '4294967300:4294967300:' })).toBeUndefined();
});

test('two thousand million transactions compare, one more does not', () => {
  const last = 4294967290n + 2_000_000_000n;
  expect(why({ snapshot: `${last}:${last}:` })).toBeUndefined();
  expect(why({ snapshot: `${last + 1n}:${last + 1n}:` })).toMatch(/^2000000001 transactions began since version 7/);
});

test('a crash after the version was read makes its ids worthless, one before does not', () => {
  expect(why({}, '2026-01-01T09:59:59.999999Z')).toBeUndefined();
  expect(why({}, '2026-01-01T10:00:00.000001Z')).toMatch(/recovered from a crash at 2026-01-01T10:00:00.000001Z/);
});

test('a server that was started since may be a copy, though its ids went on', () => {
  const startedAt = '2026-01-01T09:00:00.000001Z';
  expect(why({ startedAt, snapshot: '4294967400:4294967400:' })).toBe(
    "the source's server was started at 2026-01-01T09:00:00.000001Z; at version 7 it was the one started at " +
      '2026-01-01T08:00:00.000000Z: a copy restored in its place cannot be told from a mere restart',
  );
});

test('where the version does not say when its server was started, one started later is not that server', () => {
  const { startedAt, ...unsaid } = source;
  const older = { ...previous, source: unsaid };
  expect(why({ startedAt }, undefined, older)).toBeUndefined();
  expect(why({ startedAt: source.readAt }, undefined, older)).toBeUndefined();
  expect(why({ startedAt: '2026-01-01T10:00:00.000001Z' }, undefined, older)).toMatch(
    /^the source's server was started at 2026-01-01T10:00:00.000001Z: a copy/,
  );
});
