import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { generate } from '../../packages/cli/src/sampleData/generate.ts';
import { differences } from '../../packages/cli/test/compare.ts';
import { FakeS3 } from '../../packages/core/test/fakeS3.ts';
import { createDatabase, type TestDatabase } from '../jest/database.ts';

const stages = ['ingest', 'transform', 'load', 'verify', 'replay', 'report', 'rates'] as const;
/** Those that read and write Parquet, and bring its WebAssembly. */
const withParquet: readonly string[] = ['transform', 'load', 'replay'];
const program = join(import.meta.dirname, 'main.ts');
const run = promisify(execFile);

let folder: string;

/** Builds the zips as a developer does and gives what was printed. */
async function build(into: string, options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<string> {
  const { stdout } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', program, into], options);
  return stdout;
}

const zipOf = (stage: string, from = 'first'): Promise<Buffer> => readFile(join(folder, from, `${stage}.zip`));

/** Calls a stage's handler in a process of its own, from a folder with nothing but the zip's files. */
async function call(stage: string, env: Readonly<Record<string, string>>): Promise<unknown> {
  const script = `
    const { handler } = await import('./index.mjs');
    const outcome = await handler({}, {}).catch(({ name, message }) => ({ name, message }));
    process.stdout.write(JSON.stringify(outcome));`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(folder, 'unzipped', stage),
    env,
  });
  expect(stderr).toBe('');
  // Lines before it are its log and metrics.
  return JSON.parse(stdout.split('\n').at(-1)!);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'totes-zips-'));
  await build(join(folder, 'first'));
  for (const stage of stages) {
    const into = join(folder, 'unzipped', stage);
    await mkdir(into, { recursive: true });
    for (const [name, bytes] of Object.entries(unzipSync(await zipOf(stage)))) await writeFile(join(into, name), bytes);
  }
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

test('the same source gives the same bytes, in another folder, time zone and language', async () => {
  const printed = await build(join(folder, 'second'), {
    cwd: folder,
    env: { ...process.env, TZ: 'Pacific/Auckland', LC_ALL: 'tr_TR.UTF-8' },
  });
  for (const stage of stages) {
    const [first, second] = await Promise.all([zipOf(stage), zipOf(stage, 'second')]);
    expect(second.equals(first)).toBe(true);
    expect(printed).toMatch(new RegExp(`${stage}[.]zip +${first.length} bytes +sha256 [0-9a-f]{64} +loads in \\d+ ms`));
  }
}, 120_000);

test('a zip holds what its stage needs, readable by anybody, and nothing of the machine that built it', async () => {
  for (const stage of stages) {
    const unzipped = join(folder, 'unzipped', stage);
    expect((await readdir(unzipped)).sort()).toEqual([
      'index.mjs',
      ...(withParquet.includes(stage) ? ['parquet_wasm_bg.wasm'] : []),
    ]);
    const code = await readFile(join(unzipped, 'index.mjs'), 'utf8');
    expect(code).not.toContain(join(import.meta.dirname, '..', '..'));
    expect([code.includes('RecordBatch'), code.includes('SCRAM-SHA-256')]).toEqual([
      withParquet.includes(stage),
      stage !== 'transform' && stage !== 'rates',
    ]);
    // Threads are for a machine with several cores; functions share slices among one another.
    expect(code).not.toContain('worker_threads');
    // The script of the page is there, and not what made it.
    expect([code.includes('echarts'), code.includes('outputFiles')]).toEqual([stage === 'report', false]);
    expect(modes(await zipOf(stage))).toEqual(withParquet.includes(stage) ? [0o644, 0o644] : [0o644]);
  }
});

/** The permissions in a zip's directory: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.12 */
function modes(zip: Buffer): number[] {
  const found: number[] = [];
  for (let at = zip.indexOf('PK\x01\x02'); at >= 0; at = zip.indexOf('PK\x01\x02', at + 46)) {
    found.push((zip.readUInt32LE(at + 38) >>> 16) & 0o777);
  }
  return found;
}

test('errors keep the names that retries go by', async () => {
  const name = 'ConfigInvalid';
  expect(await call('ingest', {})).toMatchObject({ name, message: expect.stringContaining('RAW_BUCKET') as string });
  expect(await call('transform', { RAW_BUCKET: 'gs://a', PROCESSED_BUCKET: 'b' })).toMatchObject({ name });
  expect(await call('load', {})).toMatchObject({ name });
  expect(await call('verify', {})).toMatchObject({ name });
  expect(await call('replay', {})).toMatchObject({ name });
  expect(await call('report', {})).toMatchObject({ name });
  expect(await call('rates', {})).toMatchObject({ name });
  const SOURCE_DATABASE = 'postgres://nobody@127.0.0.1:1/totesys';
  expect(await call('ingest', { RAW_BUCKET: folder, SOURCE_DATABASE })).toMatchObject({ name: 'SourceUnavailable' });
});

describe('the handlers fill a warehouse', () => {
  let source: TestDatabase;
  let warehouse: TestDatabase;

  beforeEach(async () => {
    [source, warehouse] = await Promise.all([createDatabase(), createDatabase()]);
    await generate({ url: source.url, orders: 40, seed: 3 });
  });
  afterEach(async () => {
    await Promise.all([source.drop(), warehouse.drop()]);
  });

  async function callAll(env: Readonly<Record<string, string>>): Promise<void> {
    expect(await call('ingest', env)).toMatchObject({ version: 1, committed: true });
    expect(await call('transform', env)).toMatchObject({ version: 1 });
    expect(await call('load', env)).toMatchObject({ version: 1, loaded: { fact_sales_order: 40 } });
    expect(await differences(source, warehouse)).toEqual([]);
    expect(await call('verify', env)).toMatchObject({ version: 1, equal: true });
    expect(await call('ingest', env)).toMatchObject({ version: 1, committed: false });
    expect(await call('replay', env)).toMatchObject({ version: 1, loaded: { fact_sales_order: 40 } });
    expect(await differences(source, warehouse)).toEqual([]);
  }

  test('through folders', async () => {
    await callAll({
      SOURCE_DATABASE: source.url,
      WAREHOUSE_DATABASE: warehouse.url,
      RAW_BUCKET: join(folder, 'lake', 'ingestion'),
      PROCESSED_BUCKET: join(folder, 'lake', 'processed'),
    });
  });

  test('through S3, with the databases in Secrets Manager', async () => {
    const s3 = new FakeS3();
    const secrets = createServer((request, response) => {
      void request.toArray().then((body) => {
        const { SecretId } = JSON.parse(Buffer.concat(body as Buffer[]).toString()) as { SecretId: string };
        const SecretString = { source: source.url, warehouse: warehouse.url }[SecretId];
        response.setHeader('content-type', 'application/x-amz-json-1.1').end(JSON.stringify({ SecretString }));
      });
    });
    await once(secrets.listen(0, '127.0.0.1'), 'listening');
    try {
      const env = {
        SOURCE_DATABASE: 'secret:source',
        WAREHOUSE_DATABASE: 'secret:warehouse',
        RAW_BUCKET: 's3://test-lake/ingestion',
        PROCESSED_BUCKET: 's3://test-lake/processed',
        REPORT_BUCKET: `s3://${s3.bucket}`,
        AWS_ENDPOINT_URL_S3: await s3.start(),
        AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(secrets.address() as AddressInfo).port}`,
        AWS_REGION: 'eu-west-2',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      };
      await callAll(env);
      expect([...s3.objects.keys()].filter((key) => key.includes('/log/'))).toHaveLength(2);
      expect(await call('report', env)).toMatchObject({ written: true, version: 1 });
      expect(s3.objects.get('index.html')!.body.toString()).toMatch(/<script type="module">[^]{400000}/);
    } finally {
      await s3.stop();
      secrets.close();
    }
  });
});
