import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigInvalid,
  FolderStore,
  LakeMismatch,
  manifestFormat,
  openRowsName,
  processedBucket,
  quarantineLines,
  requestLog,
  writeContent,
  type OpenRow,
  type ProcessedManifest,
} from '@totes/core';
import { logOf, logOfFailure } from '../../../scripts/jest/functionLog.ts';
import { handler } from '../src/handler.ts';
import { createFilledPair, lakeId, type Pair } from './pair.ts';

let pair: Pair;
let folder: string;
const before = { ...process.env };
beforeEach(async () => {
  pair = await createFilledPair();
  folder = await mkdtemp(join(tmpdir(), 'totes-verify-'));
  Object.assign(process.env, {
    SOURCE_DATABASE: pair.database.url,
    SOURCE_SCHEMA: 'shop',
    WAREHOUSE_DATABASE: pair.database.url,
    WAREHOUSE_SCHEMA: 'star',
    RAW_BUCKET: join(folder, 'raw'),
    PROCESSED_BUCKET: join(folder, 'processed'),
  });
});
afterEach(async () => {
  process.env = { ...before };
  await pair.drop();
  await rm(folder, { recursive: true });
});

/** Commits the version that the warehouse holds, with rows that are set aside. */
async function commitProcessed(open: readonly Partial<OpenRow>[], lake = lakeId): Promise<void> {
  const { store, log } = processedBucket(new FolderStore(join(folder, 'processed')));
  const object = { folder: 'state/quarantine', name: 'v1', extension: 'jsonl', rows: open.length };
  const state = { [openRowsName]: await writeContent(store, object, quarantineLines(open as OpenRow[])) };
  const manifest = { format: manifestFormat, kind: 'processed', version: 1, runId: 'r', lakeId: lake, state };
  await log.commit(manifest as unknown as ProcessedManifest);
}

/** Calls the handler as the state machine does. */
const call = () => logOf(() => handler({ run: 'nightly' }));

const requests = () => requestLog(new FolderStore(join(folder, 'raw')));

test('differences are asked for, told, counted, and no error', async () => {
  await commitProcessed([{ table: 'design', key: 2, status: 'waiting' }]);
  await pair.query(`
    DELETE FROM star.dim_design WHERE design_id IN (1, 2);
    UPDATE star.dim_location SET city = 'x' WHERE location_id = 1;
    UPDATE star.fact_payment SET last_updated_date = '2024-01-01' WHERE payment_id = 2;
    DELETE FROM shop.payment_type WHERE payment_type_id = 40000`);
  const { result, lines, metrics } = await call();
  const keys = { design: [1, 2], address: [1], payment: [2], payment_type: [40_000] };
  expect(result).toMatchObject({ equal: false, keys, settled: { missing: 1, extra: 1, altered: 1, stale: 1 } });
  expect(result.tables.dim_design).toMatchObject({ missing: 1, setAside: 1, pending: 0 });
  const request = await requests().read(1);
  expect(request).toMatchObject({ requestedBy: 'verify', keys });
  expect(request.runId).toMatch(/^nightly[.]/);
  const differences = { missing: 1, extra: 1, altered: 1, stale: 1 };
  const none = { missing: 0, extra: 0, altered: 0, stale: 0, pending: 0 };
  const tables = {
    dim_location: { ...none, altered: 1 },
    dim_design: { ...none, missing: 1 },
    dim_payment_type: { ...none, extra: 1 },
    fact_payment: { ...none, stale: 1 },
  };
  const inEach = { run: 'nightly', run_id: request.runId, version: 1 };
  expect(lines).toMatchObject([
    { ...inEach, level: 'WARN', message: 'source and warehouse differ', ...differences, tables },
    {
      ...inEach,
      level: 'INFO',
      message: 'verify finished',
      equal: false,
      rows: { dim_design: 5, fact_payment: 5 },
      asked: { design: 2, address: 1, payment: 1, payment_type: 1 },
    },
  ]);
  expect(metrics).toEqual({
    Warnings: 1,
    Seconds: expect.any(Number) as number,
    RowsMissing: 1,
    RowsExtra: 1,
    RowsAltered: 1,
    RowsStale: 1,
    RowsDiffering: 4,
  });
});

test('where all is equal nothing is asked for, and the metrics say so', async () => {
  await commitProcessed([]);
  process.env.AWS_LAMBDA_FUNCTION_NAME = 'totes-dev-verify';
  const { result, lines, metrics } = await call();
  expect(result).toMatchObject({ equal: true, version: 1 });
  expect(await requests().head()).toBe(0);
  expect(lines).toMatchObject([{ message: 'verify finished', service: 'totes-dev-verify', equal: true, asked: {} }]);
  expect(metrics).toMatchObject({ RowsDiffering: 0, Warnings: 0 });
});

test('what was written since the load is asked for too, and does not count for the alarm', async () => {
  await commitProcessed([]);
  await pair.query('UPDATE shop.payment SET paid = NOT paid WHERE payment_id = 2');
  const { result, metrics } = await call();
  expect(result.tables.fact_payment).toMatchObject({ altered: 1, pending: 1 });
  expect(await requests().read(1)).toMatchObject({ keys: { payment: [2] } });
  expect(metrics).toMatchObject({ RowsDiffering: 0, Warnings: 0 });
});

test('rows that are set aside and gone in the source are asked for', async () => {
  const open = [1, 2, 77].map((key) => ({ table: 'design', key, status: 'waiting' as const }));
  await commitProcessed([...open, { table: 'design', key: 78, status: 'superseded' }]);
  const { result, lines, metrics } = await call();
  expect(result).toMatchObject({ equal: false, gone: { design: { rows: 1, keys: [77] } }, keys: { design: [77] } });
  expect(await requests().read(1)).toMatchObject({ keys: { design: [77] } });
  expect(lines[0]).toMatchObject({
    level: 'WARN',
    message: 'rows that are set aside are gone from the source',
    table: 'design',
    rows: 1,
  });
  expect(metrics).toMatchObject({ RowsDiffering: 0, Warnings: 1 });
});

test('days, which the source does not have, are counted, and no request is made', async () => {
  await commitProcessed([]);
  await pair.query(`UPDATE star.dim_date SET quarter = 2 WHERE date_id = '2024-02-29'`);
  expect((await call()).metrics).toMatchObject({ RowsDiffering: 1 });
  expect(await requests().head()).toBe(0);
});

test('a lake that the warehouse was not loaded from is refused', async () => {
  await commitProcessed([], '00000000-0000-0000-0000-000000000000');
  const { error, lines } = await logOfFailure(handler);
  expect(error).toBeInstanceOf(LakeMismatch);
  expect(lines).toMatchObject([
    { level: 'ERROR', message: 'verify failed', error: { name: 'LakeMismatch' }, transient: false },
  ]);
});

test('every wrong setting is named at once', async () => {
  process.env.SOURCE_DATABASE = process.env.RAW_BUCKET = '';
  const { error } = await logOfFailure(handler);
  expect(error).toBeInstanceOf(ConfigInvalid);
  expect(String(error)).toMatch(/SOURCE_DATABASE is not set; RAW_BUCKET is not set/);
});
