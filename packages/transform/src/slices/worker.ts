import { parentPort, workerData } from 'node:worker_threads';
import { openStore } from '@totes/core';
import { plainSlice, workOf, type PlainWork } from './json.ts';
import { transformSlice } from './transformSlice.ts';

/** What a thread of the pool is given. */
export interface WorkerData {
  /** As `openStore` takes it. */
  readonly raw: string;
  readonly processed: string;
  readonly work: PlainWork;
}

/** A thread of the pool: transforms the slices that it is told by their place. An error ends it. */
const { raw, processed, work } = workerData as WorkerData;
const stores = { raw: await openStore(raw), processed: await openStore(processed) };
const { slices, against } = workOf(work);
parentPort!.on('message', (at: number) => {
  void transformSlice(stores, slices[at]!, against).then((result) => {
    parentPort!.postMessage(plainSlice(result));
  });
});
