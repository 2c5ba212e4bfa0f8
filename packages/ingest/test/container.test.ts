import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ConfigInvalid, SourceRefused } from '@totes/core';
import { ingestConfig } from '../src/config.ts';
import { runIngest } from '../src/container.ts';
import { handler } from '../src/handler.ts';
import { createTotesys, department, type Totesys } from './totesys.ts';

let totesys: Totesys;
const before = { ...process.env };
beforeEach(async () => (totesys = await createTotesys()));
afterEach(async () => {
  process.env = { ...before };
  await totesys.drop();
});

const settings = () => ({ SOURCE_DATABASE: totesys.database.url, RAW_BUCKET: totesys.store.uri });

test('the handler ingests what its environment names', async () => {
  await totesys.database.query(department(1, 'one'));
  Object.assign(process.env, settings(), { CODE_VERSION: '1.2.3' });
  expect(await handler()).toMatchObject({ version: 1, committed: true, read: { department: 1 } });
  expect(await totesys.raw.log.read(1)).toMatchObject({ codeVersion: '1.2.3', source: { schema: 'public' } });
  expect(await totesys.text(1, 'department')).toMatch(/^"department_id",/);
});

test('every run has an id of its own', async () => {
  await totesys.database.query(department(1, 'one'));
  await runIngest({ ...settings(), RAW_FORMAT: 'json' });
  await totesys.database.query(department(2, 'two'));
  await runIngest(settings());
  expect((await totesys.raw.log.read(1)).runId).not.toBe((await totesys.raw.log.read(2)).runId);
});

test('a source that refuses is an error without its password, and commits nothing', async () => {
  const url = Object.assign(new URL(totesys.database.url), { password: 'wr0ng-secret' }).href;
  const failed = runIngest({ ...settings(), SOURCE_DATABASE: url });
  await expect(failed).rejects.toThrow(SourceRefused);
  await expect(failed).rejects.not.toThrow(/wr0ng-secret/);
  expect(await totesys.store.list('')).toEqual([]);
});

test('settings have defaults but for the source and the bucket', () => {
  expect(ingestConfig({ SOURCE_DATABASE: 'secret:totesys', RAW_BUCKET: 's3://raw' })).toEqual({
    source: 'secret:totesys',
    raw: 's3://raw',
    format: 'csv',
    schema: 'public',
    capture: {},
    acceptNarrowed: [],
    codeVersion: 'unknown',
  });
});

test('tables captured by last_updated are named with their lookback', () => {
  const { capture } = ingestConfig({
    SOURCE_DATABASE: 'secret:totesys',
    RAW_BUCKET: 's3://raw',
    CAPTURE: 'sales_order=3600, purchase order=60',
  });
  expect(capture).toEqual({
    sales_order: { mode: 'last_updated', lookbackSeconds: 3600 },
    'purchase order': { mode: 'last_updated', lookbackSeconds: 60 },
  });
});

test('columns that may be narrower are named with their tables', () => {
  const { acceptNarrowed } = ingestConfig({
    SOURCE_DATABASE: 'secret:totesys',
    RAW_BUCKET: 's3://raw',
    ACCEPT_NARROWED: 'sales_order.unit_price, staff.email_address',
  });
  expect(acceptNarrowed).toEqual(['sales_order.unit_price', 'staff.email_address']);
});

test('every wrong setting is named at once', () => {
  const read = () => ingestConfig({ RAW_FORMAT: 'xml', CAPTURE: 'sales_order', ACCEPT_NARROWED: 'staff' });
  expect(read).toThrow(ConfigInvalid);
  expect(read).toThrow(
    /SOURCE_DATABASE is not set; RAW_BUCKET is not set; RAW_FORMAT must be.*CAPTURE must be table=seconds.*ACCEPT_NARROWED must be table\.column/,
  );
});
