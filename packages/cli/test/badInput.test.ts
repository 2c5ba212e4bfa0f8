import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { openBench, totes, type Bench, type Outcome } from './pipelineTest.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench(5);
});
afterEach(() => bench.close());

const password = 'hunter2-secret';

/** Runs with some inputs replaced, and checks what holds for every failure. */
async function runWith(given: {
  source?: string;
  warehouse?: string;
  lake?: string;
  schema?: string;
}): Promise<Outcome> {
  const { source = bench.source.url, warehouse = bench.warehouse.url, lake = bench.lake, schema = 'public' } = given;
  const outcome = await totes('run', '--source', source, '--warehouse', warehouse, '--lake', lake, '--schema', schema);
  expect(outcome).toMatchObject({ code: 1, out: [] });
  expect(outcome.error).toHaveLength(1);
  expect(outcome.error[0]).not.toContain(password);
  const committed = await readdir(join(bench.lake, 'ingestion', 'log')).catch(() => []);
  expect(committed).toEqual([]);
  expect(await bench.warehouse.query(`SELECT 1 FROM pg_class WHERE relname LIKE 'dim%'`)).toEqual([]);
  return outcome;
}

const altered = (url: string, change: Partial<URL>): string => Object.assign(new URL(url), change).href;

describe.each(['source', 'warehouse'] as const)('%s', (side) => {
  const url = (): string => bench[side].url;

  test('unreachable', async () => {
    const { error } = await runWith({ [side]: `postgres://totes:${password}@127.0.0.1:1/totesys` });
    expect(error[0]).toMatch(new RegExp(`^totes: ${side} .*127\\.0\\.0\\.1:1/totesys.*ECONNREFUSED`));
  });

  test('wrong password', async () => {
    const { error } = await runWith({ [side]: altered(url(), { password }) });
    expect(error[0]).toMatch(new RegExp(`^totes: ${side} .*password authentication failed`));
  });

  test('no such database', async () => {
    const { error } = await runWith({
      [side]: altered(url(), { pathname: '/nowhere', password: new URL(url()).password }),
    });
    expect(error[0]).toMatch(new RegExp(`^totes: ${side} .*database "nowhere" does not exist`));
  });

  test('not a URL', async () => {
    const { error } = await runWith({ [side]: `mysql://root:${password}@db/x` });
    expect(error[0]).toMatch(/^totes: .*postgres:\/\//);
  });
});

test('a missing table', async () => {
  await bench.source.query('DROP TABLE payment');
  expect((await runWith({})).error[0]).toMatch(/source.*table payment is missing/);
});

test('a missing column, a renamed one and a type that cannot be read, all at once', async () => {
  await bench.source.query('ALTER TABLE design DROP COLUMN file_name');
  await bench.source.query('ALTER TABLE staff RENAME COLUMN email_address TO email');
  await bench.source.query('ALTER TABLE payment ALTER COLUMN paid TYPE text');
  const { error } = await runWith({});
  for (const part of [/design.*file_name/, /staff.*email_address/, /payment\.paid is text, expected boolean/]) {
    expect(error[0]).toMatch(part);
  }
});

test('a lake that cannot be written', async () => {
  const file = join(dirname(bench.lake), 'file');
  await writeFile(file, '');
  expect((await runWith({ lake: join(file, 'lake') })).error[0]).toContain(join(file, 'lake'));
});

test('a lake that is no place', async () => {
  expect((await runWith({ lake: 'ftp://somewhere/lake' })).error[0]).toContain('ftp://somewhere/lake');
});

test('a source of no tables', async () => {
  expect((await runWith({ source: bench.warehouse.url })).error[0]).toMatch(/sales_order/);
});

test('a lake on a file system that makes no folders', async () => {
  expect((await runWith({ lake: '/proc/lake' })).error[0]).toContain('/proc/lake');
});

test('a warehouse that may only be read', async () => {
  const role = `guest_${process.pid}`;
  await bench.warehouse.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
  const { error } = await runWith({ warehouse: altered(bench.warehouse.url, { username: role, password }) });
  expect(error[0]).toMatch(/^totes: the warehouse has no schema "etl" and user .* may not create it/);
  await bench.warehouse.query(`DROP ROLE ${role}`);
});

describe('a URL in the wrong place is shown without its password', () => {
  const url = `postgres://me:${password}@host/db`;
  test.each([
    [['status', '--lake', url]],
    [['status', `--sourc=${url}`, '--lake', 'x']],
    [[url]],
    [['status', url, '--lake', 'x']],
    [['ingest', '--source', 'x', '--lake', 'y', '--raw-format', url]],
    [['demo', '--orders', url]],
    [['load', '--lake', 'x', '--warehouse', 'y', '--schema', url.repeat(3)]],
  ])('%j', async (args) => {
    const { code, out, error } = await totes(...args, '--json');
    expect(code).toBeGreaterThan(0);
    expect(JSON.stringify([out, error])).not.toContain(password);
    expect(JSON.parse(out.at(-1)!)).toMatchObject({ error: { message: expect.any(String) as string } });
  });
});

describe('wrong usage exits 2 and says what is wrong', () => {
  test.each([
    [['run', '--sauce', 'x'], /unknown option '--sauce'/],
    [['run', '--source', 'postgres://x/y'], /required: --lake <place>, --warehouse <url>/],
    [['load', '--lake', 'b', '--warehouse', 'c', '--schema', ''], /--schema.*1 to 63 bytes/],
    [['rum'], /unknown command 'rum'/],
    [['run', '--source', 'a', '--lake', 'b', '--warehouse', 'c', '--raw-format', 'xml'], /--raw-format.*csv, json/],
    [['demo', '--orders', 'many'], /--orders.*whole number/],
    [['ingest', '--source', 'a', '--lake', 'b', '--capture', 'payment'], /TABLE=SECONDS/],
  ])('%j', async (args, message) => {
    const { code, error } = await totes(...args);
    expect(code).toBe(2);
    expect(error.join('\n')).toMatch(message);
  });

  test('no command at all shows the help', async () => {
    expect((await totes()).code).toBe(2);
    const { code, out } = await totes('--help');
    expect(code).toBe(0);
    expect(out.join('\n')).toContain('simulate');
  });
});

test('a program gets the error as JSON too, on the last line of stdout', async () => {
  const { code, out } = await totes('status', '--lake', 'ftp://x', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(out.at(-1)!)).toEqual({
    error: { name: 'ConfigInvalid', message: expect.stringContaining('ftp://x') as string },
  });
});

test('the process itself: exit codes, one line on stderr, JSON last on stdout', async () => {
  const script = join(import.meta.dirname, '../src/main.ts');
  const run = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    try {
      return {
        code: 0,
        ...(await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args])),
      };
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string };
    }
  };
  const databases = ['--source', bench.source.url, '--warehouse', bench.warehouse.url, '--lake', bench.lake];
  const good = await run('run', ...databases, '--json');
  expect(good).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(good.stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({ version: 1, committed: true });
  const bad = await run('run', ...databases, '--source', `postgres://u:${password}@127.0.0.1:1/x`);
  expect(bad).toMatchObject({ code: 1, stdout: '' });
  expect(bad.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect((await run('run', '--nonsense')).code).toBe(2);
  // The package that brings PostgreSQL would end every process with 0.
  expect((await run('demo', '--orders', '0')).code).toBe(1);
});
