import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processedBucket, readOpenRows } from '@totes/core';
import { MemoryStore } from '../../core/test/memoryStore.ts';
import { transform } from '../src/index.ts';
import { deletedRows, lateRows, quarantinedRows, starRows } from './processed.ts';
import { commitRaw } from './rawLog.ts';

/**
 * A case is a folder: `<n>/in/<source table>.csv` is version n of the raw log, `<n>/in/deleted/<source table>.csv` its
 * tombstones; a file `<n>/in/retry` stands for a request to try all rows again. `<n>/out/<warehouse table>.tsv` is what it
 * becomes, as COPY text, with `.late` and `.deleted` before the dot for late and deleted rows, `<n>/out/quarantine.jsonl` what it sets aside,
 * `<n>/out/open.tsv` what is set aside after it. UPDATE_GOLDEN=1 writes the outputs anew: read the difference before you
 * commit it.
 */
const root = join(import.meta.dirname, 'golden');
const update = process.env.UPDATE_GOLDEN === '1';

const cases = (await readdir(root)).sort();

test.each(cases)('%s', async (name) => {
  const rawStore = new MemoryStore();
  const processed = processedBucket(new MemoryStore());
  for (const number of (await readdir(join(root, name))).sort()) {
    const folder = join(root, name, number);
    const deleted = await readFiles(join(folder, 'in', 'deleted'), '.csv');
    const retry = existsSync(join(folder, 'in', 'retry'));
    const raw = await commitRaw(rawStore, await readFiles(join(folder, 'in'), '.csv'), { deleted, retry });
    const { version } = await transform({
      raw,
      processed,
      runId: 'golden',
      codeVersion: 'test',
      now: () => new Date('2024-01-02T03:05:00Z'),
    });
    const manifest = await processed.log.read(version);
    const actual = await starRows(processed, manifest);
    // 366 days that say little: how many there are, and the first.
    const days = actual.get('dim_date')?.split('\n').filter(Boolean);
    if (days !== undefined) actual.set('dim_date', `${days[0]!}\n${days.length} rows\n`);
    const files: Record<string, string> = {};
    for (const [table, text] of actual) files[`${table}.tsv`] = text;
    for (const [table, text] of await lateRows(processed, manifest)) files[`${table}.late.tsv`] = text;
    for (const [table, text] of await deletedRows(processed, manifest)) files[`${table}.deleted.tsv`] = text;
    const setAside = await quarantinedRows(processed, manifest);
    if (setAside.length > 0) files['quarantine.jsonl'] = lines(setAside.map((row) => JSON.stringify(row)));
    const open = await readOpenRows(processed.store, manifest);
    if (open.length > 0) {
      files['open.tsv'] = lines(
        open.map((row) => [row.status, row.version, row.table, row.key, row.reason].join('\t')),
      );
    }
    if (update) await writeFiles(join(folder, 'out'), files);
    expect(files).toEqual(await readFiles(join(folder, 'out'), ''));
  }
});

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('');

async function readFiles(folder: string, extension: string): Promise<Record<string, string>> {
  const names = await readdir(folder).catch(() => []);
  const files = names
    .filter((name) => name.includes('.') && name.endsWith(extension))
    .map(async (name) => [name.slice(0, name.length - extension.length), await readFile(join(folder, name), 'utf8')]);
  return Object.fromEntries(await Promise.all(files)) as Record<string, string>;
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}
