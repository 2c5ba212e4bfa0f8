import { createVerify, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DownloadResult, LinkResult } from '../../src/stack/dashboard.ts';
import { totes } from '../pipelineTest.ts';
import { openStackBench, type StackBench } from './stackBench.ts';

/** `totes dashboard --stack`: the link to the page that a deployed pipeline has written. */
let bench: StackBench;
let folder: string;
beforeAll(async () => {
  bench = await openStackBench();
  folder = await mkdtemp(join(tmpdir(), 'totes-link-'));
});
beforeEach(() => {
  const metadata = { version: '7', loaded: '2026-01-05 09:00:10', 'code-version': 'a1b2c3' };
  bench.s3.put('index.html', Buffer.from('<!doctype html>the page'), metadata, { 'content-type': 'text/html' });
});
afterEach(() => {
  bench.s3.fault = () => undefined;
  delete process.env.AWS_SESSION_TOKEN;
  delete process.env.AWS_CREDENTIAL_EXPIRATION;
});
afterAll(async () => {
  await bench.close();
  await rm(folder, { recursive: true });
});

const shown = { version: 7, loadedAt: '2026-01-05T09:00:10Z', writtenAt: '1970-01-01T00:00:00.000Z' };

const link = async (...options: string[]): Promise<LinkResult> => {
  const { code, out, error } = await totes('dashboard', '--stack', bench.place, '--json', ...options);
  expect([code, error]).toEqual([0, []]);
  return JSON.parse(out.at(-1)!) as LinkResult;
};
const hours = ({ expires }: LinkResult): number => Math.round((Date.parse(expires) - Date.now()) / 36_000) / 100;
const problem = async (...options: string[]): Promise<[number, string]> => {
  const { code, error } = await totes('dashboard', '--stack', bench.place, ...options);
  return [code, error.join('\n')];
};

describe('to S3', () => {
  test('opens the page, lasts as long as asked, and says what it shows', async () => {
    const found = await link();
    expect(found).toMatchObject({ ...shown, mayEndSooner: false });
    expect(hours(found)).toBe(12);
    const query = new URL(found.url).searchParams;
    expect(query.get('X-Amz-Expires')).toBe('43200');
    expect(query.get('X-Amz-SignedHeaders')).toBe('host');
    const page = await fetch(found.url);
    expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
      200,
      'text/html',
      '<!doctype html>the page',
    ]);
    expect(hours(await link('--expires', '7d'))).toBe(168);
  });

  test('ends with the credentials that signed it', async () => {
    process.env.AWS_SESSION_TOKEN = 'session';
    process.env.AWS_CREDENTIAL_EXPIRATION = new Date(Date.now() + 3_600_000).toISOString();
    const found = await link('--expires', '2d');
    expect([hours(found), found.mayEndSooner]).toEqual([1, false]);
  });

  test('may end sooner where the credentials do not tell how long they last', async () => {
    process.env.AWS_SESSION_TOKEN = 'session';
    const found = await link('--expires', '2d');
    expect([hours(found), found.mayEndSooner]).toEqual([48, true]);
    const { out } = await totes('dashboard', '--stack', bench.place);
    expect(out).toHaveLength(4);
    expect(out[1]).toMatch(/^The page: version 7, loaded 2026-01-05T09:00:10Z, written 1970-.* newest page each time/);
    expect(out[2]).toMatch(/^It ends 20\S+, or before with the session of the temporary credentials that signed it\.$/);
  });
});

describe('to the distribution', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let stack: string;
  let key: string;
  beforeAll(async () => {
    const report_cloudfront = { url: 'https://d1.cloudfront.net/index.html', key_pair_id: 'K1' };
    stack = await bench.outputs({ report_cloudfront });
    key = join(folder, 'report.pem');
    await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  });

  test('is signed by the key, for longer than S3 would honour it', async () => {
    const { out } = await totes('dashboard', '--stack', stack, '--key', key, '--expires', '30d', '--json');
    const found = JSON.parse(out.at(-1)!) as LinkResult;
    expect(found).toMatchObject({ ...shown, mayEndSooner: false });
    expect(hours(found)).toBe(720);
    const { origin, pathname, searchParams } = new URL(found.url);
    const ends = Number(searchParams.get('Expires'));
    expect([origin, pathname, searchParams.get('Key-Pair-Id'), ends]).toEqual([
      'https://d1.cloudfront.net',
      '/index.html',
      'K1',
      Date.parse(found.expires) / 1000,
    ]);
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
    const condition = { DateLessThan: { 'AWS:EpochTime': ends } };
    const resource = `${origin}${pathname}`;
    const policy = JSON.stringify({ Statement: [{ Resource: resource, Condition: condition }] });
    const signature = searchParams.get('Signature')!.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/');
    expect(createVerify('RSA-SHA256').update(policy).verify(publicKey, signature, 'base64')).toBe(true);
  });

  test('without a distribution, or with what is no key, says what to do', async () => {
    expect(await problem('--key', key)).toEqual([
      1,
      expect.stringMatching(/stack shop has none: set report_cloudfront/),
    ]);
    const wrong = async (file: string): Promise<string> =>
      (await totes('dashboard', '--stack', stack, '--key', file)).error.join('\n');
    expect(await wrong(join(folder, 'absent'))).toMatch(/--key .*absent cannot be read: ENOENT/);
    await writeFile(join(folder, 'text'), 'secret words');
    expect(await wrong(join(folder, 'text'))).toMatch(/is no private key in PEM without a passphrase/);
    expect(await wrong(join(folder, 'text'))).not.toContain('secret words');
  });
});

test('--out downloads the page', async () => {
  const out = join(folder, 'page');
  const result = (await link('--out', out)) as unknown as DownloadResult;
  expect(result).toEqual({ path: join(out, 'index.html'), bytes: 23, ...shown });
  expect(await readFile(result.path, 'utf8')).toBe('<!doctype html>the page');
});

test('no page yet: says so, and what to run', async () => {
  bench.s3.objects.delete('index.html');
  for (const options of [[], ['--out', folder]]) {
    expect(await problem(...options)).toEqual([
      1,
      expect.stringMatching(/^totes: stack shop has no business report yet: .*`totes run --stack \S+ --watch`/),
    ]);
  }
});

test('a page that says nothing of itself is linked to all the same', async () => {
  bench.s3.put('index.html', Buffer.from('by hand'));
  expect(await link()).toMatchObject({ version: null, loadedAt: null });
});

test('a bucket that refuses is an error of its own', async () => {
  bench.s3.fault = ({ method }) => (method === 'HEAD' ? { status: 403, code: 'AccessDenied' } : undefined);
  expect(await problem()).toEqual([
    1,
    'totes: s3://test-lake/index.html cannot be read, which takes s3:ListBucket, s3:GetObject and kms:Decrypt: HTTP 403',
  ]);
});

test.each([
  [['--expires', '8d'], /S3 honours a link for 7d at most/],
  [['--expires', '0s'], /a link that has ended/],
  [['--expires', 'soon'], /Write a number and s, m, h or d/],
  [['--out', 'x', '--expires', '1h'], /--expires is of the link that --stack without --out gives/],
  [['--warehouse', 'x'], /--warehouse/],
])('%j beside --stack is wrong usage', async (options, message) => {
  expect(await problem(...options)).toEqual([2, expect.stringMatching(message)]);
});

test('--key and --expires are of a stack alone', async () => {
  const { code, error } = await totes('dashboard', '--warehouse', 'x', '--out', 'y', '--key', 'z', '--expires', '1h');
  expect([code, error[0]]).toEqual([2, expect.stringMatching(/--expires and --key is of the link/)]);
});
