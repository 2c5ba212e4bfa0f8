import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigInvalid, FolderStore } from '@totes/core';
import { stdoutOf } from '../../../scripts/jest/stdoutOf.ts';
import { handler } from '../src/handler.ts';
import { commitRaw } from './rawLog.ts';

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

/** Calls the handler as Lambda does, and gives its result and what it wrote on stdout. */
const call = () => stdoutOf(handler);

const metrics = (RowsSetAside: number, RowsWaiting: number) => ({
  _aws: {
    Timestamp: expect.any(Number) as number,
    CloudWatchMetrics: [
      {
        Namespace: 'Totes',
        Dimensions: [['service']],
        Metrics: [
          { Name: 'RowsSetAside', Unit: 'Count' },
          { Name: 'RowsWaiting', Unit: 'Count' },
        ],
      },
    ],
  },
  service: 'transform',
  RowsSetAside,
  RowsWaiting,
});

test('the handler transforms what its environment names, and writes its metrics as one line', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'totes-test-'));
  const raw = join(folder, 'raw');
  await commitRaw(new FolderStore(raw), { currency: 'currency_id,currency_code\n1,GBP\n2,\n3,\n' });
  await commitRaw(new FolderStore(raw), { currency: 'currency_id,currency_code\n2,USD\n' });
  Object.assign(process.env, { RAW_BUCKET: raw, PROCESSED_BUCKET: join(folder, 'processed') });
  const first = await call();
  expect(first.result).toMatchObject({ version: 2, transformed: [1, 2], rows: { dim_currency: 2 } });
  expect(first.written).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(first.written)).toEqual(metrics(2, 1));
  const second = await call();
  expect(second.result).toMatchObject({ version: 2, transformed: [], waiting: 1 });
  expect(JSON.parse(second.written)).toEqual(metrics(0, 1));
  await rm(folder, { recursive: true });
});

test('settings that are missing are named, all at once', async () => {
  await expect(handler()).rejects.toThrow(ConfigInvalid);
  await expect(handler()).rejects.toThrow(/RAW_BUCKET.*PROCESSED_BUCKET/);
});
