import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../../../scripts/jest/database.ts';
import { FakeS3 } from '../../core/test/fakeS3.ts';
import { ServerError } from '../../load/test/redshift/copy.ts';
import { RedshiftStandIn } from '../../load/test/redshift/standIn.ts';
import { hasMerge } from '../../load/test/redshift/warehouse.ts';
import { generate } from '../src/sampleData/generate.ts';
import { simulate } from '../src/sampleData/simulate.ts';

const run = (await hasMerge()) ? describe : describe.skip;
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** The real process, a bucket, and what stands in for Redshift. */
run('totes, with a warehouse in Redshift', () => {
  const s3 = new FakeS3();
  let source: TestDatabase;
  let behind: TestDatabase;
  let standIn: RedshiftStandIn;
  let env: NodeJS.ProcessEnv;
  let places: string[];

  beforeAll(async () => {
    [source, behind] = await Promise.all([createDatabase(), createDatabase()]);
    await generate({ url: source.url, orders: 40, seed: 5 });
    standIn = new RedshiftStandIn(behind.url, { bucket: s3.bucket, read: (key) => s3.objects.get(key)?.body });
    env = {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: await s3.start(),
      AWS_REGION: 'eu-west-2',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    places = ['--warehouse', await standIn.start(), '--lake', `s3://${s3.bucket}/shop`, '--json'];
  });
  afterAll(async () => {
    await standIn.stop();
    await s3.stop();
    await Promise.all([source.drop(), behind.drop()]);
  });

  /** Runs a command; gives its code, and what it printed last. */
  async function totes(...args: readonly string[]): Promise<{ code: number; last: string; errors: string }> {
    const child = execFile(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args, ...places], {
      env,
    });
    const [out, errors] = [child.stdout!, child.stderr!].map((stream) => stream.toArray());
    const [code] = (await once(child, 'exit')) as [number];
    return { code, last: (await out!).join('').trim().split('\n').at(-1)!, errors: (await errors!).join('') };
  }

  test('fills it, follows the shop, goes on after a failed transaction, and tells where it is', async () => {
    const first = await totes('run', '--source', source.url);
    expect(first).toMatchObject({ code: 0, errors: expect.any(String) });
    expect(JSON.parse(first.last)).toMatchObject({ version: 1, loaded: { fact_sales_order: 40 } });

    await simulate({ url: source.url, days: 2, seed: 5 });
    let left = 1;
    standIn.fault = (sql) => {
      if (sql.startsWith('MERGE') && left-- > 0)
        throw new ServerError('XX000', '1023', 'Serializable isolation violation');
    };
    const second = await totes('run', '--source', source.url);
    expect(JSON.parse(second.last)).toMatchObject({ version: 2, committed: true });
    expect(left).toBeLessThan(0);
    const sql = 'SELECT count(*)::int AS orders, count(DISTINCT sales_order_id)::int AS ids FROM current_sales_order';
    const [shop] = await source.query<{ orders: number }>('SELECT count(*)::int AS orders FROM sales_order');
    expect(await behind.query(sql)).toEqual([{ orders: shop!.orders, ids: shop!.orders }]);

    expect(await totes('load')).toMatchObject({ code: 0 });
    const status = await totes('status');
    expect(JSON.parse(status.last)).toMatchObject({ healthy: true, warehouse: { version: 2 } });
    const replay = await totes('replay');
    expect(replay.code).toBe(1);
    expect(`${replay.last}${replay.errors}`).toContain('a replay needs a warehouse in PostgreSQL');
  });
});
