import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bundle, type Stage } from './bundle.ts';
import { catalog } from './catalog.ts';
import { importTime } from './importTime.ts';
import { zip } from './zip.ts';

/**
 * The most that each zip may have, in bytes: 25 kB above what it had when this was written, 1.65 MB of it parquet-wasm, and
 * 0.2 MB of the report's the script of its page. That is room for our own code, and not for a library that slips in (pg has
 * 31 kB, Arrow 61): a Lambda fetches and unpacks its zip at every cold start.
 */
const limits: Readonly<Record<Stage, number>> = {
  ingest: 300_000,
  transform: 1_986_000,
  load: 2_026_000,
  verify: 303_000,
  replay: 2_056_000,
  report: 497_000,
  rates: 260_000,
};

/** Builds the zip of each function, and what Terraform makes the lake's catalogue from, into the folder given, or `dist`. */
const folder = resolve(process.argv[2] ?? join(import.meta.dirname, '..', '..', 'dist'));
await mkdir(folder, { recursive: true });
const tooLarge: string[] = [];
for (const [stage, limit] of Object.entries(limits) as [Stage, number][]) {
  const files = await bundle(stage);
  const bytes = zip(files);
  const file = join(folder, `${stage}.zip`);
  await writeFile(file, bytes);
  const digest = createHash('sha256').update(bytes).digest('hex');
  const milliseconds = (await importTime(files, 5)).toFixed(0);
  console.log(`${file}  ${bytes.length} bytes  sha256 ${digest}  loads in ${milliseconds} ms`);
  if (bytes.length > limit) tooLarge.push(`${file} has ${bytes.length} bytes, ${bytes.length - limit} over its limit`);
}
await writeFile(join(folder, 'catalog.json'), `${JSON.stringify(catalog(), null, 2)}\n`);
if (tooLarge.length > 0) {
  console.error(`${tooLarge.join('\n')}: see what came in, or raise the limit in scripts/bundle/main.ts`);
  process.exitCode = 1;
}
