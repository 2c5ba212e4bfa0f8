import { S3Client } from '@aws-sdk/client-s3';
import { CommitConflict, ConfigInvalid, LakeRefused, LakeUnavailable, RedshiftClient, withPostgres } from '@totes/core';
import { createDatabase } from '../../../../scripts/jest/database.ts';
import { logOf, logOfFailure } from '../../../../scripts/jest/functionLog.ts';
import { FakeS3 } from '../../../core/test/fakeS3.ts';
import { fromMetadata, replaces, toMetadata } from '../../../dashboard/src/edition.ts';
import { handler } from '../../../dashboard/src/handler.ts';
import { observe } from '../../../dashboard/src/observation.ts';
import { publish, type PublishInput, type PublishResult } from '../../../dashboard/src/publish.ts';
import { PublishedPage } from '../../../dashboard/src/publishedPage.ts';
import { openBench, type Bench } from '../pipelineTest.ts';

/** The page in its bucket: when it is written, and by whom. */
let bench: Bench;
/** The version that the warehouse holds. */
let version: number;
let s3: FakeS3;
let client: S3Client;
const before = { ...process.env };
beforeAll(async () => {
  bench = await openBench(20);
  ({ version } = await bench.run());
});
afterAll(() => bench.close());
beforeEach(async () => {
  s3 = new FakeS3();
  const endpoint = await s3.start();
  const keys = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'eu-west-2' };
  Object.assign(process.env, keys, { AWS_ENDPOINT_URL_S3: endpoint });
  // What the SDK tries again is its own concern.
  client = new S3Client({ maxAttempts: 1 });
});
afterEach(async () => {
  process.env = { ...before };
  client.destroy();
  await s3.stop();
});

/** Publishes with a small script in place of the real one. */
const publishing = (input: Partial<PublishInput> = {}): Promise<PublishResult> =>
  withPostgres({ url: bench.warehouse.url, side: 'warehouse', applicationName: 'test' }, (warehouse) =>
    publish({
      ...{ warehouse, schema: 'public', codeVersion: '1.0.0', now: () => new Date(0) },
      page: new PublishedPage(client, s3.bucket),
      bundleClient: () => Promise.resolve({ script: 'void 0', style: '' }),
      ...input,
    }),
  );

test('of a warehouse in Redshift no page is made, and that is no failure', async () => {
  const answer = await publishing({ warehouse: new RedshiftClient({}) });
  expect(answer).toEqual({ written: false, version: 0, because: 'the report is made for PostgreSQL' });
  expect(observe(answer).fields).toEqual({ written: false, because: 'the report is made for PostgreSQL' });
  expect(s3.requests).toEqual([]);
});

/** What holds a call up once it has read the warehouse, until `work` is done. */
function meanwhile(work: () => Promise<unknown>): Pick<PublishInput, 'now' | 'bundleClient'> {
  let read: () => void;
  const hasRead = new Promise<void>((resolve) => (read = resolve));
  return {
    now() {
      read();
      return new Date(0);
    },
    async bundleClient() {
      await hasRead;
      await work();
      return { script: 'void 0', style: '' };
    },
  };
}

/** Brings a change into the warehouse. */
async function advance(): Promise<void> {
  await bench.source.query(
    'UPDATE sales_order SET units_sold = units_sold + 1, last_updated = now() WHERE sales_order_id = 1',
  );
  ({ version } = await bench.run());
}

const shown = () => s3.objects.get('index.html');
const writes = () => s3.requests.filter((request) => request.startsWith('PUT ')).length;

test('the function writes the whole page, and nothing where it would be the same', async () => {
  Object.assign(process.env, {
    ...{ WAREHOUSE_DATABASE: bench.warehouse.url, REPORT_BUCKET: `s3://${s3.bucket}`, CODE_VERSION: 'a1b2c3' },
    AWS_LAMBDA_FUNCTION_NAME: 'totes-report',
  });
  const first = await logOf(() => handler({ run: 'nightly' }));
  const { body, headers, metadata } = shown()!;
  expect(first.result).toEqual({ written: true, version, bytes: body.length });
  expect(first.lines).toMatchObject([
    { service: 'totes-report', run: 'nightly', message: 'report finished', version, written: true },
  ]);
  expect(body.toString()).toMatch(/^<!doctype html>[^]*default-src 'none'[^]*<\/html>\n$/);
  expect(headers).toEqual({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
  expect(fromMetadata(metadata)).toMatchObject({ version, codeVersion: 'a1b2c3' });

  const second = await logOf(() => handler({}));
  expect(second.result).toEqual({ written: false, version });
  expect(writes()).toBe(1);

  await advance();
  expect((await logOf(() => handler({}))).result).toMatchObject({ written: true, version });
  const connections = await bench.warehouse.query(
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'totes report'",
  );
  expect(connections).toEqual([]);
});

test('another release writes its own page of the same state', async () => {
  await publishing();
  expect(await publishing({ codeVersion: '1.0.1' })).toMatchObject({ written: true, version });
  expect(await publishing({ codeVersion: '1.0.1' })).toEqual({ written: false, version });
});

test('nothing was ever loaded: no page, and no error', async () => {
  const empty = await createDatabase();
  const url = empty.url;
  const nothing = await withPostgres({ url, side: 'warehouse', applicationName: 'test' }, (warehouse) =>
    publishing({ warehouse }),
  );
  await empty.drop();
  expect(nothing).toEqual({ written: false, version: 0 });
  expect(await publishing({ schema: 'elsewhere' })).toEqual({ written: false, version: 0 });
  expect(s3.objects.size).toBe(0);
});

test('an object that says nothing of itself is replaced', async () => {
  s3.put('index.html', Buffer.from('by hand'));
  expect(await publishing()).toMatchObject({ written: true, version });
});

test('a warehouse that was restored to an older state does not take the page back', async () => {
  await publishing();
  const restore = (by: string): Promise<unknown> =>
    bench.warehouse.query(`UPDATE etl.load_log SET loaded_at = loaded_at + interval '${by}'`);
  await restore('-1 hour');
  expect(await publishing({ codeVersion: '1.0.1' })).toEqual({ written: false, version });
  await restore('1 hour');
});

describe('two at once', () => {
  test('the older one, finishing last, leaves the newer page', async () => {
    const newer = async (): Promise<void> => {
      await advance();
      expect(await publishing()).toMatchObject({ written: true, version });
    };
    expect(await publishing(meanwhile(newer))).toEqual({ written: false, version });
    expect(fromMetadata(shown()!.metadata)).toMatchObject({ version });
  });

  test('the newer one, finishing last, replaces the older page', async () => {
    await publishing();
    const older = shown()!;
    await advance();
    const again = (): Promise<unknown> => Promise.resolve(s3.put('index.html', older.body, older.metadata));
    expect(await publishing(meanwhile(again))).toMatchObject({ written: true, version });
    expect(fromMetadata(shown()!.metadata)).toMatchObject({ version });
  });

  test('a page that is removed meanwhile is written', async () => {
    await publishing();
    const remove = (): Promise<unknown> => Promise.resolve(s3.objects.delete('index.html'));
    expect(await publishing({ codeVersion: '1.0.1', ...meanwhile(remove) })).toMatchObject({ written: true });
  });

  test('a write whose answer was lost is found to be there', async () => {
    s3.fault = ({ method }) => (method === 'PUT' && writes() === 1 ? 'reply lost' : undefined);
    const page = new PublishedPage(new S3Client({ maxAttempts: 2 }), s3.bucket);
    expect(await publishing({ page })).toEqual({ written: false, version });
    expect(fromMetadata(shown()!.metadata)).toMatchObject({ version });
  });

  test('others that come first each time are an error that may be tried again', async () => {
    s3.fault = ({ method }) => (method === 'PUT' ? { status: 409, code: 'ConditionalRequestConflict' } : undefined);
    await expect(publishing()).rejects.toEqual(
      new CommitConflict('s3://test-lake/index.html was replaced by others 5 times: call again'),
    );
  });
});

test.each([
  ['PUT', { status: 403, code: 'AccessDenied' }, LakeRefused, /index\.html cannot be written: AccessDenied/],
  ['PUT', { status: 503, code: 'SlowDown' }, LakeUnavailable, /index\.html cannot be written: SlowDown/],
  ['HEAD', { status: 403, code: 'AccessDenied' }, LakeRefused, /index\.html cannot be read: HTTP 403$/],
] as const)('%s answered by %j is a typed error', async (at, fault, type, message) => {
  s3.fault = ({ method }) => (method === at ? fault : undefined);
  const error = await publishing().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(type);
  expect(String(error)).toMatch(message);
});

test('the function names every setting that is missing', async () => {
  const { error, lines } = await logOfFailure(handler);
  expect(error).toEqual(new ConfigInvalid('bad settings: WAREHOUSE_DATABASE is not set; REPORT_BUCKET is not set'));
  expect(lines).toMatchObject([{ level: 'ERROR', message: 'report failed' }]);
});

test('editions are ordered by their load, also where versions begin anew', () => {
  const edition = { version: 7, loaded: '2026-01-05 09:00:00', codeVersion: 'a' };
  const rebuilt = { version: 1, loaded: '2026-01-05 09:00:01', codeVersion: 'a' };
  expect([replaces(rebuilt, edition), replaces(edition, rebuilt)]).toEqual([true, false]);
  expect([replaces({ ...edition, version: 8 }, edition), replaces(edition, edition)]).toEqual([true, false]);
  expect(fromMetadata(toMetadata(edition))).toEqual(edition);
  expect([fromMetadata(), fromMetadata({ version: 'x', loaded: edition.loaded })]).toEqual([undefined, undefined]);
});
