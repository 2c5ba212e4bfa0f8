import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigInvalid, FolderStore, processedBucket } from '@totes/core';
import { logOf, logOfFailure } from '../../../scripts/jest/functionLog.ts';
import { handler } from '../src/handler.ts';
import { commitRaw } from './rawLog.ts';

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

test('the handler transforms what its environment names, and tells of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'totes-test-'));
  const raw = join(folder, 'raw');
  const processed = new FolderStore(join(folder, 'processed'));
  await commitRaw(new FolderStore(raw), { currency: 'currency_id,currency_code\n1,GBP\n2,\n3,\n' });
  await commitRaw(new FolderStore(raw), { currency: 'currency_id,currency_code\n2,USD\n' });
  Object.assign(process.env, { RAW_BUCKET: raw, PROCESSED_BUCKET: join(folder, 'processed') });

  const first = await logOf(() => handler({ run: 'nightly' }));
  expect(first.result).toMatchObject({ version: 2, transformed: [1, 2], rows: { dim_currency: 2 } });
  const bytes = await stored(processed);
  const { runId: run_id } = await processedBucket(processed).log.read(2);
  expect(run_id).toMatch(/^nightly[.][0-9a-f]{8}$/);
  const inEach = { service: 'transform', run: 'nightly', run_id, version: 2 };
  expect(first.lines).toMatchObject([
    { ...inEach, level: 'WARN', message: 'rows were set aside', rows: 2, waiting: 1 },
    { ...inEach, level: 'INFO', message: 'transform finished', versions: 2, rows: { dim_currency: 2 }, bytes },
  ]);
  expect(first.metrics).toEqual({
    ...metrics(2, 1),
    Warnings: 1,
    BytesWritten: bytes,
    'RowsWritten dim_currency': 2,
  });

  const second = await logOf(() => handler({ run: 'nightly' }));
  expect(second.result).toMatchObject({ version: 2, transformed: [], waiting: 1 });
  expect(second.lines).toMatchObject([{ message: 'transform finished', version: 2, versions: 0, rows: {} }]);
  expect(second.metrics).toEqual(metrics(0, 1));
  await rm(folder, { recursive: true });
});

const metrics = (RowsSetAside: number, RowsWaiting: number) => ({
  Warnings: 0,
  Seconds: expect.any(Number) as number,
  BytesWritten: 0,
  RowsSetAside,
  RowsWaiting,
});

/** The size of all objects of the processed half of the lake but its log. */
async function stored(processed: FolderStore): Promise<number> {
  const keys = (await processed.list('')).filter((key) => !key.startsWith('log/'));
  const objects = await Promise.all(keys.map((key) => readFile(join(processed.uri, key))));
  return objects.reduce((sum, { length }) => sum + length, 0);
}

test('settings that are missing are named, all at once', async () => {
  const { error } = await logOfFailure(handler);
  expect(error).toBeInstanceOf(ConfigInvalid);
  expect(String(error)).toMatch(/RAW_BUCKET.*PROCESSED_BUCKET/);
});
