import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Files } from './bundle.ts';

const program = `
  const start = performance.now();
  await import('./index.mjs');
  console.log(performance.now() - start);`;

/** Milliseconds that a new process takes to load a bundle: the median of `times`, an odd number. */
export async function importTime(files: Files, times: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'totes-bundle-'));
  try {
    await Promise.all(Object.entries(files).map(([name, bytes]) => writeFile(join(folder, name), bytes)));
    const measured: number[] = [];
    for (let i = 0; i < times; i++) {
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
        cwd: folder,
      });
      measured.push(Number(stdout));
    }
    return measured.sort((a, b) => a - b)[(times - 1) / 2]!;
  } finally {
    await rm(folder, { recursive: true });
  }
}
