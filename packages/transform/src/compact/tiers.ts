import type { CompactedRef } from '@totes/core';

/**
 * How many times larger than its follower an object must be to be left as it is. With 2, an object that is not full yet
 * has at most 18 more after it. What is written again comes to an object half as large again or larger, so a row is written
 * fewer than 33 times before it rests in a full one.
 */
const growth = 2;

/** Objects of one table that follow one another; several of them are to be merged. */
export type Group = readonly CompactedRef[];

/**
 * Which objects of a table to merge: small ones with those that came just before them, until each that is left is full
 * or far larger than the next. The order stays.
 *
 * @param objects in the order of their versions
 * @param fullRows the rows from which on an object is left as it is
 */
export function tiers(objects: readonly CompactedRef[], fullRows: number): Group[] {
  const groups: { refs: CompactedRef[]; rows: number }[] = [];
  for (const object of objects) {
    const last = { refs: [object], rows: object.rows };
    while (last.rows < fullRows) {
      const before = groups.at(-1);
      if (before === undefined || before.rows >= fullRows || before.rows >= growth * last.rows) break;
      groups.pop();
      last.refs.unshift(...before.refs);
      last.rows += before.rows;
    }
    groups.push(last);
  }
  return groups.map(({ refs }) => refs);
}
