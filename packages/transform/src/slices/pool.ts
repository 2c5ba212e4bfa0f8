import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { shared } from '@totes/core';
import type { SliceWork } from './factSlice.ts';
import { plainWork, sliceOf, type PlainSlice } from './json.ts';
import { inTurn, type SliceRunner } from './runner.ts';
import { transformSlice, type SliceStores, type TransformedSlice } from './transformSlice.ts';
import type { WorkerData } from './worker.ts';

/** Fewer rows are transformed by one thread in the time that others need to load the code and lists of ids, or soon after. */
const fewestRows = 1_000_000;

/**
 * Transforms slices in threads of this process, where there is more than one of them and they have many rows.
 *
 * @param workers how many at most; each holds what a slice needs in memory
 * @param least rows of all slices together
 */
export const pool = (workers: number, least = fewestRows): SliceRunner =>
  async function* (stores, work) {
    const count = Math.min(workers, work.slices.length);
    const rows = work.slices.reduce((sum, { object }) => sum + object.rows, 0);
    if (count < 2 || rows < least) yield* inTurn(stores, work);
    else yield* inThreads(stores, work, count);
  };

async function* inThreads(stores: SliceStores, work: SliceWork, count: number): AsyncGenerator<TransformedSlice> {
  const workerData: WorkerData = { raw: stores.raw.uri, processed: stores.processed.uri, work: plainWork(work) };
  const threads = Array.from(
    { length: count },
    () => new Worker(new URL('worker.ts', import.meta.url), { workerData }),
  );
  const give: ((result: TransformedSlice | undefined) => void)[] = [];
  const results = work.slices.map(
    (_, at) => new Promise<TransformedSlice | undefined>((resolve) => (give[at] = resolve)),
  );
  const ended = shared(threads, [...work.slices.keys()], async (thread, at) => {
    thread.postMessage(at);
    const [result] = (await once(thread, 'message')) as [PlainSlice];
    give[at]!(sliceOf(result));
  });
  const rest = (): void => {
    for (const resolve of give) resolve(undefined);
  };
  ended.then(rest, rest);
  try {
    for (const [at, result] of results.entries()) {
      // What a thread failed at is done here: that succeeds, or says why not in an error that no thread can hand over.
      yield (await result) ?? (await transformSlice(stores, work.slices[at]!, work.against));
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}
