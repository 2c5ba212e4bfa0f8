import { IdSet } from '@totes/core';
import type { FactSlice, SliceWork } from './factSlice.ts';
import type { SliceRunner } from './runner.ts';
import { transformSlice, type SliceStores, type TransformedSlice } from './transformSlice.ts';

/** The facts of a version, as far as their slices came. */
export interface FactsSoFar {
  /** The ids of rows whose values can be read, by fact; takes in those of each result. */
  readonly ids: ReadonlyMap<string, IdSet>;
  /** The keys of a fact that wait by now. */
  readonly waiting: (fact: string) => IdSet;
}

/**
 * The results of a version's slices as if each fact had been read in one go. A key has its rows in one slice, unless the source
 * does not enforce it: a slice with a key of one before it is transformed again, here, with what came before. What a result
 * changes has to be done when the next one is asked for.
 */
export async function* together(
  stores: SliceStores,
  work: SliceWork,
  runSlices: SliceRunner,
  { ids, waiting }: FactsSoFar,
): AsyncGenerator<{ readonly slice: FactSlice; readonly result: TransformedSlice }> {
  const setAside = new Map(Array.from(ids.keys(), (fact) => [fact, new IdSet()]));
  let at = 0;
  for await (const alone of runSlices(stores, work)) {
    const slice = work.slices[at++]!;
    const [came, lacking] = [ids.get(slice.table)!, setAside.get(slice.table)!];
    const isRepeated = alone.ids.intersects(came) || alone.ids.intersects(lacking);
    const result = isRepeated
      ? await transformSlice(stores, slice, work.against, { ids: came, waiting: waiting(slice.table) })
      : alone;
    came.addAll(result.ids);
    for (const arrival of result.arrivals) {
      if (arrival.kind === 'set aside' && arrival.key !== null) lacking.add(arrival.key);
    }
    yield { slice, result };
  }
}
