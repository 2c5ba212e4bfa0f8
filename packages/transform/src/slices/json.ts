import { IdSet, type IdRange } from '@totes/core';
import type { Against, SliceWork } from './factSlice.ts';
import type { TransformedSlice } from './transformSlice.ts';

/** A value whose sets of ids are lists of ranges, and whose maps are objects: other processes and threads can be given it. */
type Plain<T> = T extends IdSet
  ? readonly IdRange[]
  : T extends ReadonlyMap<string, infer Value>
    ? Readonly<Record<string, Plain<Value>>>
    : T;
export type PlainWork = Omit<SliceWork, 'against'> & {
  readonly against: { [Name in keyof Against]: Plain<Against[Name]> };
};
export type PlainSlice = { readonly [Name in keyof TransformedSlice]: Plain<TransformedSlice[Name]> };

export const plainWork = ({ against, ...work }: SliceWork): PlainWork => ({
  ...work,
  against: { ids: plainSets(against.ids), waiting: plainSets(against.waiting) },
});

export const workOf = ({ against, ...work }: PlainWork): SliceWork => ({
  ...work,
  against: { ids: setsOf(against.ids), waiting: setsOf(against.waiting) },
});

export const plainSlice = ({ ids, days, ...slice }: TransformedSlice): PlainSlice => ({
  ...slice,
  ids: [...ids.ranges()],
  days: [...days.ranges()],
});

export const sliceOf = ({ ids, days, ...slice }: PlainSlice): TransformedSlice => ({
  ...slice,
  ids: IdSet.ofRanges(ids),
  days: IdSet.ofRanges(days),
});

const plainSets = (sets: ReadonlyMap<string, IdSet>): Record<string, readonly IdRange[]> =>
  Object.fromEntries(Array.from(sets, ([name, ids]) => [name, [...ids.ranges()]]));

const setsOf = (sets: Readonly<Record<string, readonly IdRange[]>>): ReadonlyMap<string, IdSet> =>
  new Map(Object.entries(sets).map(([name, ranges]) => [name, IdSet.ofRanges(ranges)]));
