import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigInvalid, FolderStore } from '@totes/core';
import { handler } from '../src/handler.ts';
import { commitRaw } from './rawLog.ts';

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

test('the handler transforms what its environment names', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'totes-test-'));
  const raw = join(folder, 'raw');
  await commitRaw(new FolderStore(raw), { currency: 'currency_id,currency_code\n1,GBP\n' });
  Object.assign(process.env, { RAW_BUCKET: raw, PROCESSED_BUCKET: join(folder, 'processed') });
  expect(await handler()).toMatchObject({ version: 1, transformed: [1], rows: { dim_currency: 1 } });
  expect(await handler()).toMatchObject({ version: 1, transformed: [] });
  await rm(folder, { recursive: true });
});

test('settings that are missing are named, all at once', async () => {
  await expect(handler()).rejects.toThrow(ConfigInvalid);
  await expect(handler()).rejects.toThrow(/RAW_BUCKET.*PROCESSED_BUCKET/);
});
