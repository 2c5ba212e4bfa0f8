import { createHash } from 'node:crypto';
import type { Fault } from '../../../core/test/fakeS3.ts';
import { contents, differences } from '../compare.ts';
import { openS3Bench, type S3Bench } from './s3Bench.ts';
import { failureOf, history } from './wholeness.ts';

/** Runs that write an object of several parts, while requests of its upload fail. */
let bench: S3Bench;
let changes = 0;

beforeAll(async () => {
  bench = await openS3Bench(6);
  await bench.run();
  // Text of 12 MB that zstd makes no shorter than 9 MB: a part of 8 MiB, and another one.
  await bench.source.query(`CREATE TABLE scan (scan_id integer PRIMARY KEY, text text STORAGE EXTERNAL);
    INSERT INTO scan SELECT g / 12_500, string_agg(translate(encode(sha512(g::text::bytea), 'base64'), E'\\n', ''), '')
    FROM generate_series(1, 140_000) g GROUP BY 1`);
});
afterAll(() => bench.close());
afterEach(() => {
  bench.server.fault = () => undefined;
});

/** Changes all rows of the large table, and rows of the star in the same version. */
async function change(): Promise<void> {
  changes++;
  await bench.source.query('UPDATE scan SET text = $1 || text', [String(changes)]);
  await bench.source.query('UPDATE sales_order SET units_sold = $1 + sales_order_id', [changes * 100]);
}

const requests = { PUT: 'part', POST: 'end', DELETE: 'removal' } as const;
type Faults = Partial<Record<'part' | 'end' | 'removal', readonly (Fault | 'none' | 'taken')[]>>;

/** Lets the requests of each kind fail in this order, and from the last fault on all of them. */
function failing(faults: Faults): void {
  const met = { part: 0, end: 0, removal: 0 };
  bench.server.fault = ({ method, key, query }) => {
    const kind = query.has('uploadId') ? requests[method as keyof typeof requests] : undefined;
    const of = kind && faults[kind];
    const fault = of?.[Math.min(met[kind!]++, of.length - 1)];
    if (fault === 'taken') return take(key);
    return fault === 'none' ? undefined : fault;
  };
}

/** Gives a key to another upload, if it is free: S3 itself refuses ours then. */
function take(key: string): Fault | undefined {
  if (bench.server.objects.has(key)) return { status: 412, code: 'PreconditionFailed' };
  bench.server.put(key, others);
  return undefined;
}

const versions = (): string[] => [...bench.server.objects.keys()].filter((key) => key.startsWith('ingestion/log/'));
const scans = (): number => bench.named('ingestion/log/').filter(({ key }) => key.startsWith('raw/scan/')).length;

const internal: Fault = { status: 500, code: 'InternalError' };
/** S3 sends the status of an end before it has put the parts together. */
const inBody: Fault = { status: 200, code: 'InternalError' };
const others = Buffer.from('of another upload');

test.each<[string, Faults]>([
  ['parts that S3 turns away, that are cut, whose replies are lost', { part: [internal, 'cut', 'reply lost', 'none'] }],
  ['an end whose reply was lost', { end: ['reply lost', 'none'] }],
  ['an end whose reply was lost, and its repetition finds the key taken', { end: ['reply lost', 'taken'] }],
  ['an end that fails when its status was sent', { end: [inBody, 'none'] }],
])('%s: the run goes on', async (_, faults) => {
  await change();
  const before = { scans: scans(), versions: versions().length, requests: bench.server.requests.length };
  failing(faults);
  expect(failureOf(await bench.tryRun())).toBeUndefined();
  expect(bench.server.requests.slice(before.requests).join('\n')).toContain('partNumber=2');
  expect([scans(), versions().length]).toEqual([before.scans + 1, before.versions + 1]);
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
});

test.each<[string, string, Faults]>([
  ['parts that never arrive', 'LakeUnavailable', { part: [internal], removal: ['reply lost', 'none'] }],
  ['an end that always fails when its status was sent', 'LakeUnavailable', { end: [inBody] }],
  ['an end that took effect, and then no connection', 'LakeUnavailable', { end: ['reply lost', 'cut'] }],
  ['a key that another upload took', 'LakeRefused', { end: ['taken'] }],
])('%s: nothing is committed, and no part stays', async (_, name, faults) => {
  await change();
  const before = [scans(), versions(), await contents(bench.warehouse)];
  failing(faults);
  const outcome = await bench.tryRun();
  expect(failureOf(outcome)).toBe(name);
  expect(outcome.error[0]).toMatch(
    /^totes: s3:\/\/test-lake\/ingestion\/raw\/scan\/\S+ (cannot be written: .|exists al)/,
  );
  expect([scans(), versions(), await contents(bench.warehouse)]).toEqual(before);
  expect(bench.server.uploads.size).toBe(0);
});

test('the next run brings it, and every version is there once, its objects as it names them', async () => {
  expect(failureOf(await bench.tryRun())).toBeUndefined();
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
  for (const bucket of ['ingestion', 'processed']) {
    for (const { key, bytes, sha256 } of bench.named(`${bucket}/log/`)) {
      const { body } = bench.server.objects.get(`${bucket}/${key}`)!;
      expect([key, body.length, createHash('sha256').update(body).digest('hex')]).toEqual([key, bytes, sha256]);
    }
  }
  expect([...bench.server.objects.values()].filter(({ body }) => body.equals(others))).toHaveLength(1);
  // Four that went on, and the last.
  expect([versions().length, scans()]).toEqual([1 + 5, 5]);
  const sales = (await history(bench.warehouse)).fact_sales_order!;
  expect(sales).toHaveLength(6 * 6);
  expect(new Set(sales).size).toBe(sales.length);
});
