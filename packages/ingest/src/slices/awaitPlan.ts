import { setTimeout } from 'node:timers/promises';
import { SnapshotLost } from '@totes/core';
import type { Patience } from './hold.ts';
import type { SliceFolder } from './sliceFolder.ts';

/** Where the slices are listed that are to be read. */
export interface Planned {
  readonly version: number;
  /** The key of the object that lists them. */
  readonly items: string;
  readonly slices: number;
}

/** Waits until the slices of a look are planned. Throws SnapshotLost where they are not going to be. */
export async function awaitPlan(folder: SliceFolder, { pauseMillis, mostMillis }: Patience): Promise<Planned> {
  const began = performance.now();
  for (;;) {
    const state = await folder.state();
    if (state === 'planned') {
      const { head, look } = await folder.readPlan();
      return { version: head, items: folder.items, slices: look.slices.length };
    }
    if (state === 'ended') throw new SnapshotLost(`${folder.items}: the look has ended before its slices were planned`);
    if (performance.now() - began > mostMillis) {
      throw new SnapshotLost(`${folder.items}: no slices were planned within ${Math.round(mostMillis / 1000)} seconds`);
    }
    await setTimeout(pauseMillis);
  }
}
