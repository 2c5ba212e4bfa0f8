import { rangeBits } from './sql/rows.ts';

/** What one side says of a range of keys. */
export interface Range {
  /** The keys without their low bits. */
  readonly range: number;
  readonly count: number;
  readonly sum: string;
}

/** Keys to look into at once, both included. */
export interface Window {
  readonly first: bigint;
  readonly last: bigint;
}

/** Rows of a window, of both sides together, unless a single range has more: what bounds the memory of a comparison. */
const rowsPerWindow = 2 ** 16;

/** The windows of keys in which two sides differ, ascending: ranges that follow one another together. */
export function differingWindows(source: readonly Range[], warehouse: readonly Range[]): Window[] {
  const others = new Map(warehouse.map((range) => [range.range, range]));
  const differing = new Map<number, number>();
  for (const { range, count, sum } of source) {
    const other = others.get(range);
    others.delete(range);
    if (other?.count !== count || other.sum !== sum) differing.set(range, count + (other?.count ?? 0));
  }
  for (const { range, count } of others.values()) differing.set(range, count);
  const windows: Window[] = [];
  let rows = 0;
  for (const [range, count] of [...differing].sort(([a], [b]) => a - b)) {
    const first = BigInt(range) << BigInt(rangeBits);
    const last = first + (1n << BigInt(rangeBits)) - 1n;
    const before = windows.at(-1);
    if (before?.last === first - 1n && rows + count <= rowsPerWindow) {
      windows[windows.length - 1] = { first: before.first, last };
      rows += count;
    } else {
      windows.push({ first, last });
      rows = count;
    }
  }
  return windows;
}
