import { inTurn, type SliceRunner } from './runner.ts';
import type { SliceFolder } from './sliceFolder.ts';
import { transformSlice } from './transformSlice.ts';

/** Records read at once: some kilobytes each, mostly. */
const readsAtOnce = 16;

/**
 * Takes the results of a version's slices from their records. Slices without one are transformed here, and recorded, so that
 * a call that is repeated has less to do.
 *
 * @param version the one that was planned; the slices of others are transformed here
 */
export const recorded = (folder: SliceFolder, version: number, codeVersion: string): SliceRunner =>
  async function* (stores, work) {
    if (work.version !== version) {
      yield* inTurn(stores, work);
      return;
    }
    const records = folder.recordsOf(work, codeVersion);
    const done = await records.list();
    const places = [...work.slices.keys()];
    for (let first = 0; first < places.length; first += readsAtOnce) {
      const some = places.slice(first, first + readsAtOnce);
      const read = await Promise.all(some.map(async (at) => (done.has(at) ? records.read(at) : undefined)));
      for (const [i, at] of some.entries()) {
        const result = read[i] ?? (await transformSlice(stores, work.slices[at]!, work.against));
        if (read[i] === undefined) await records.write(at, result);
        yield result;
      }
    }
  };
