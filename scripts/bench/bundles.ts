import { bundle, stages, type Stage } from '../bundle/bundle.ts';
import { importTime } from '../bundle/importTime.ts';
import { zip } from '../bundle/zip.ts';

/** How often each bundle is loaded. */
const times = 9;

/** A function as it goes to Lambda. */
export interface Bundled {
  readonly stage: Stage;
  readonly zipBytes: number;
  /** That a new process takes to load it, median. */
  readonly importMilliseconds: number;
}

/** Builds every function, and loads each several times. */
export async function measureBundles(): Promise<Bundled[]> {
  const measured: Bundled[] = [];
  for (const stage of stages) {
    const files = await bundle(stage);
    measured.push({ stage, zipBytes: zip(files).length, importMilliseconds: await importTime(files, times) });
  }
  return measured;
}
