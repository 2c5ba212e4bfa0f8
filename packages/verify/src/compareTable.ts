import { differencesOf, type Difference, type KeyState } from './differences.ts';
import type { KeysToRead } from './keysToRead.ts';
import { differingWindows, type Range } from './ranges.ts';
import { Tally } from './result.ts';
import type { SetAside } from './setAside.ts';
import type { Side } from './side.ts';
import { cellsQuery, keysQuery, rangesQuery, type Rows } from './sql/rows.ts';
import type { SourcedTable } from './tables.ts';

/** A star table on both sides. */
export interface Pair {
  readonly table: SourcedTable;
  readonly source: Side;
  readonly expected: Rows;
  readonly warehouse: Side;
  /** Undefined where the warehouse has no such table: no rows. */
  readonly shown: Rows | undefined;
  readonly setAside: SetAside;
}

/**
 * Compares one star table with its source: both sides' sums of hashes by range of keys first, then the keys of the
 * ranges that differ, then the columns of the first rows that do. Adds the keys to read again to `keys`.
 */
export async function compareTable(pair: Pair, keys: KeysToRead) {
  const [expected, shown] = await onBoth<{ range: string; count: string; sum: string }>(pair, rangesQuery);
  const ranges = (rows: typeof expected): Range[] =>
    rows.map(({ range, count, sum }) => ({ range: Number(range), count: Number(count), sum }));
  const tally = new Tally();
  for (const { first, last } of differingWindows(ranges(expected), ranges(shown))) {
    const states = await onBoth<KeyState>(pair, (rows) => keysQuery(rows, first, last));
    const { found, unjudged } = differencesOf(...states, setAsideIn(pair));
    tally.addUnjudged(unjudged);
    for (const difference of found) {
      tally.add(difference);
      addKeys(pair.table, difference, keys);
    }
  }
  const columns = await differingColumns(pair, tally.sample);
  const rows = expected.reduce((sum, { count }) => sum + Number(count), 0);
  return { settled: tally.settled, result: tally.result(rows, (key) => columns.get(key) ?? []) };
}

const setAsideIn =
  ({ table, setAside }: Pair) =>
  (key: number, ofPartner: boolean): boolean =>
    setAside.has(ofPartner ? table.join!.table : table.source, key);

/** The joined row is read again too: what differs may be its columns. */
function addKeys({ source, join }: SourcedTable, { key, partner }: Difference, keys: KeysToRead): void {
  keys.add(source, key);
  if (join !== undefined && partner !== undefined) keys.add(join.table, partner);
}

/** Asks both sides at the same time. */
const onBoth = <Row extends object>(
  { source, expected, warehouse, shown }: Pair,
  query: (rows: Rows) => string,
  values?: readonly unknown[],
): Promise<[Row[], Row[]]> =>
  Promise.all([
    source.query<Row>(query(expected), values),
    shown === undefined ? [] : warehouse.query<Row>(query(shown), values),
  ]);

/** The columns in which rows differ that both sides have, by key. */
async function differingColumns(pair: Pair, differences: readonly Difference[]): Promise<Map<number, string[]>> {
  const inBoth = differences.filter(({ kind }) => kind !== 'missing' && kind !== 'extra').map(({ key }) => key);
  if (inBoth.length === 0) return new Map();
  const [expected, shown] = await onBoth<{ key: string; cells: (string | null)[] }>(pair, cellsQuery, [inBoth]);
  const actual = new Map(shown.map(({ key, cells }) => [key, cells]));
  return new Map(
    expected.flatMap(({ key, cells }): [number, string[]][] => {
      const others = actual.get(key);
      if (others === undefined) return [];
      const differing = pair.expected.cells.filter((_, i) => cells[i] === null || cells[i] !== others[i]);
      return [[Number(key), differing.map(({ name }) => name)]];
    }),
  );
}
