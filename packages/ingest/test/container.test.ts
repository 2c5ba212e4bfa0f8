import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ConfigInvalid, SourceRefused, SourceUnavailable } from '@totes/core';
import { logOf, logOfFailure } from '../../../scripts/jest/functionLog.ts';
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
  const { result } = await logOf(() => handler());
  expect(result).toMatchObject({ version: 1, committed: true, read: { department: 1 } });
  expect(await totesys.raw.log.read(1)).toMatchObject({ codeVersion: '1.2.3', source: { schema: 'public' } });
  expect(await totesys.text(1, 'department')).toMatch(/^"department_id",/);
});

test('the handler tells of its run in one line, and of what it noticed in others', async () => {
  await totesys.database.query(department(1, 'one'));
  Object.assign(process.env, settings());
  const first = await logOf(() => handler({ run: 'nightly-1' }, { awsRequestId: 'request-1' }));
  const { runId: run_id, tables } = await totesys.raw.log.read(1);
  expect(run_id).toMatch(/^nightly-1[.][0-9a-f]{8}$/);
  const bytes = tables.department!.objects[0]!.bytes;
  const inEach = { service: 'ingest', run: 'nightly-1', run_id };
  expect(first.lines).toEqual([
    expect.objectContaining({
      ...inEach,
      level: 'INFO',
      message: 'ingest finished',
      version: 1,
      committed: true,
      rows: { department: 1 },
      bytes,
    }),
  ]);
  const seconds: unknown = expect.any(Number);
  expect(first.metrics).toEqual({
    Warnings: 0,
    Seconds: seconds,
    BytesWritten: bytes,
    SchemaChanges: 0,
    'RowsRead department': 1,
  });

  await totesys.database.query('CREATE TABLE draft (draft_id int); ALTER TABLE staff ADD COLUMN floor int');
  const second = await logOf(() => handler({ run: 'nightly-1' }, { awsRequestId: 'request-2' }));
  const changed = { level: 'WARN', message: 'the schema of the source changed', version: 2 };
  expect(second.lines).toMatchObject([
    { ...changed, notice: 'table draft is new in the source, and archived from now on' },
    { ...changed, notice: 'column staff.floor is new in the source, and archived: integer' },
    { level: 'INFO', message: 'ingest finished', version: 2, rows: {}, bytes: 0 },
  ]);
  expect(second.lines[0]!.run_id).toMatch(/^nightly-1[.]/);
  expect(second.metrics).toEqual({ Warnings: 2, Seconds: seconds, BytesWritten: 0, SchemaChanges: 2 });

  const third = await logOf(() => handler({ run: 'nightly-2' }));
  expect(third.lines).toMatchObject([{ message: 'ingest finished', run: 'nightly-2', version: 2, committed: false }]);
});

test('a failed attempt and the next one of the same run have ids of their own', async () => {
  await totesys.database.query(department(1, 'one'));
  const nobody = Object.assign(new URL(totesys.database.url), { port: '1' }).href;
  Object.assign(process.env, settings(), { SOURCE_DATABASE: nobody });
  const failed = await logOfFailure(() => handler({ run: 'nightly-1' }));
  expect(failed.error).toBeInstanceOf(SourceUnavailable);
  expect(failed.lines).toMatchObject([
    {
      level: 'WARN',
      message: 'ingest failed',
      run: 'nightly-1',
      error: { name: 'SourceUnavailable' },
      transient: true,
    },
  ]);
  expect(failed.metrics).toEqual({ Warnings: 0 });
  Object.assign(process.env, settings());
  const { lines } = await logOf(() => handler({ run: 'nightly-1' }));
  for (const line of [...failed.lines, ...lines]) expect(line.run_id).toMatch(/^nightly-1[.]/);
  expect(lines).toMatchObject([{ message: 'ingest finished', run: 'nightly-1' }]);
  expect(lines[0]!.run_id).toBe((await totesys.raw.log.read(1)).runId);
});

test('every run has an id of its own', async () => {
  await totesys.database.query(department(1, 'one'));
  await runIngest({ ...settings(), RAW_FORMAT: 'json' });
  await totesys.database.query(department(2, 'two'));
  await runIngest(settings());
  expect((await totesys.raw.log.read(1)).runId).not.toBe((await totesys.raw.log.read(2)).runId);
});

test('what is too much for one call is left to others, if the call says that there are any', async () => {
  await totesys.database.query(`INSERT INTO department SELECT n, repeat('x', 900), 'here', 'them', now(), now()
                                FROM generate_series(1, 100) n`);
  const env = { ...settings(), SLICE_BLOCKS: '1' };
  const call = (event: object) => runIngest(env, undefined, event);
  const { folder, ...large } = (await call({ fanOut: true })) as { folder: string; slices: number };
  expect(large).toEqual({ version: 0, committed: false, slices: 23 });
  expect(folder).toMatch(/^slices\/\d{8}T\d{6}Z-[0-9a-f]{8}$/);
  const slices = (task: string, more = {}) => call({ slices: { task, folder, ...more } });
  const held = slices('hold');
  expect(await slices('await')).toEqual({ version: 0, items: `${folder}/slices.json`, slices: 23 });
  // Another run comes meanwhile.
  expect(await call({ fanOut: true })).toMatchObject({
    ...{ version: 0, committed: false, read: {} },
    notices: [expect.stringMatching(/^23 slices are left to another run/)],
  });
  const numbers = JSON.parse(Buffer.from((await totesys.store.get(`${folder}/slices.json`))!).toString()) as number[];
  expect(numbers).toEqual(Array.from({ length: 23 }, (_, number) => number));
  for (const number of numbers) await slices('slice', { number });
  const committed = await slices('commit');
  expect(committed).toMatchObject({ version: 1, committed: true, read: { department: 100 } });
  expect(await held).toEqual({ version: 0, slices: 23 });
  const failure = { Error: 'LakeUnavailable', Cause: '{}' };
  expect(await slices('give up', { failure })).toEqual({ version: 1, failure });
  await expect(slices('slice', { number: 23 })).rejects.toThrow(ConfigInvalid);
  await expect(slices('slice')).rejects.toThrow(ConfigInvalid);
  await expect(call({ slices: { task: 'hold', folder: '../log' } })).rejects.toThrow(ConfigInvalid);
  // Without it one call reads all.
  expect(await runIngest({ ...env, CAPTURE: 'department=0' })).toMatchObject({
    committed: true,
    read: { department: 0 },
  });
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
    sliceBlocks: 16_384,
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
