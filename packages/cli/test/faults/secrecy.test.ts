import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { randomUUID } from 'node:crypto';
import { starTables } from '@totes/core';
import { createDatabase } from '../../../../scripts/jest/database.ts';
import { testSince } from '../../../../scripts/jest/testSince.ts';
import { handler as ingest } from '../../../ingest/src/handler.ts';
import { handler as load } from '../../../load/src/handler.ts';
import { handler as transform } from '../../../transform/src/handler.ts';
import { handler as verify } from '../../../verify/src/handler.ts';
import { stdoutOf } from '../../../../scripts/jest/stdoutOf.ts';
import { main } from '../../src/program.ts';
import { runPipeline } from '../../src/pipeline.ts';
import { openBench, type Bench } from '../pipelineTest.ts';
import { CuttingProxy } from './cuttingProxy.ts';

/**
 * Every text of people and companies holds one word, every password is another. Neither may show in what is printed,
 * thrown or kept in the logs of the lake, however a run goes wrong.
 */
const canary = 'Canarybird';
const password = `hunter2-${randomUUID()}`;
let role: string;

let bench: Bench;
const kept = { ...process.env };

const urlOf = (database: string, change: Partial<URL> = {}): string =>
  Object.assign(new URL(database), { username: role, password, ...change }).href;

beforeEach(async () => {
  role = `role_${randomUUID().replaceAll('-', '')}`;
  bench = await openBench(8);
  await bench.source.query(`CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD '${password}'`);
  for (const [table, columns] of [
    ['staff', ['first_name', 'last_name', 'email_address']],
    ['address', ['address_line_1', 'address_line_2', 'district', 'city', 'postal_code', 'country', 'phone']],
    ['counterparty', ['counterparty_legal_name', 'commercial_contact', 'delivery_contact']],
  ] as const) {
    const cells = columns.map((column) => `${column} = '${canary} ${column} ' || ${table}_id`);
    await bench.source.query(`UPDATE ${table} SET ${cells.join(', ')}`);
  }
});
afterEach(async () => {
  process.env = { ...kept };
  await bench.close();
  // Only now, when nothing is left that it owns.
  const other = await createDatabase();
  await other.query(`DROP ROLE ${role}`);
  await other.drop();
});

interface Places {
  readonly source?: string;
  readonly warehouse?: string;
}

/** Calls all stages as Lambda does, and gives their logs with what Lambda adds of an error, and more. */
async function tellFunctions(source: string, warehouse: string): Promise<string[]> {
  Object.assign(process.env, {
    SOURCE_DATABASE: source,
    WAREHOUSE_DATABASE: warehouse,
    RAW_BUCKET: join(bench.lake, 'ingestion'),
    PROCESSED_BUCKET: join(bench.lake, 'processed'),
  });
  const told: string[] = [];
  for (const stage of [ingest, transform, load, verify]) {
    const { result, written } = await stdoutOf<unknown>(() =>
      stage({ run: 'nightly' }).catch((error: unknown) => inspect(error, { depth: null, showHidden: true })),
    );
    told.push(written, inspect(result, { depth: null }));
  }
  return told;
}

/**
 * Runs the pipeline for people, for programs, as one call and as functions. Gives all that came of it, and how often the
 * first three failed.
 */
async function tell({ source = urlOf(bench.source.url), warehouse = urlOf(bench.warehouse.url) }: Places = {}) {
  const told: string[] = [];
  const tellLine = (line: string): void => void told.push(line);
  const terminal = { out: tellLine, error: tellLine, progress: tellLine };
  const args = ['run', '--source', source, '--warehouse', warehouse, '--lake', bench.lake];
  let failures = 0;
  for (const more of [[], ['--json']]) failures += await main([...args, ...more], terminal);
  const input = {
    source,
    warehouse,
    lake: bench.lake,
    rawFormat: 'csv',
    schema: 'public',
    sourceSchema: 'public',
    capture: {},
  };
  try {
    told.push(
      inspect(await runPipeline(input as never, (...progress) => void told.push(progress.join(' '))), { depth: null }),
    );
  } catch (error) {
    failures++;
    // What a log of Lambda shows of an error, and more: its cause and all properties.
    told.push(inspect(error, { depth: null, showHidden: true }));
  }
  told.push(...(await tellFunctions(source, warehouse)));
  for (const command of [['status'], ['quarantine', 'list', '--all'], ['quarantine', 'list', '--all', '--json']]) {
    await main([...command, '--lake', bench.lake], terminal);
  }
  return { told: told.join('\n'), failures };
}

/** Everything in the logs of the lake. */
async function logged(): Promise<string> {
  const texts: string[] = [];
  for (const bucket of ['ingestion', 'processed']) {
    for (const folder of ['log', 'requests'].map((name) => join(bench.lake, bucket, name))) {
      for (const name of await readdir(folder).catch(() => [])) texts.push(await readFile(join(folder, name), 'utf8'));
    }
  }
  return texts.join('\n');
}

async function expectSecret(places: Places, words: RegExp, failures = 3): Promise<void> {
  const { told, failures: failed } = await tell(places);
  expect(told).toMatch(words);
  for (const stage of ['ingest', 'transform', 'load', 'verify']) {
    expect(told).toMatch(new RegExp(`"message":"${stage} (finished|failed)"`));
  }
  expect(failed).toBe(failures);
  for (const text of [told, await logged()]) {
    expect(text).not.toContain(canary);
    expect(text).not.toContain(password);
  }
}

test('a run that goes well, and rows that are set aside', async () => {
  await bench.source.query('ALTER TABLE staff DROP CONSTRAINT staff_department_id_fkey');
  await bench.source.query('UPDATE staff SET department_id = 99 WHERE staff_id = 1');
  await bench.source.query('ALTER TABLE counterparty ALTER counterparty_legal_name DROP NOT NULL');
  await bench.source.query('UPDATE counterparty SET counterparty_legal_name = NULL WHERE counterparty_id = 1');
  await expectSecret({}, /staff.department_id 99 is not in department/, 0);
});

describe('the warehouse refuses a row', () => {
  test.each([
    ['a unique key', 'CREATE UNIQUE INDEX ON dim_staff ((length(first_name) > 0))', /duplicate key/],
    ['a check', 'ALTER TABLE dim_staff ADD CONSTRAINT tidy CHECK (length(first_name) < 3)', /constraint "tidy"/],
    ['a text that is no number', 'CREATE INDEX ON dim_location ((phone::int))', /invalid input syntax/],
    [
      'a text that is too long',
      'CREATE INDEX ON dim_location ((phone::name::varchar(9)::bit(3)))',
      /is not a valid binary/,
    ],
    ['a partner that is gone', 'ALTER TABLE dim_staff ADD FOREIGN KEY (first_name) REFERENCES word', /foreign key/],
  ])('%s', async (_, sql, words) => {
    await bench.run();
    await bench.warehouse.query(`TRUNCATE ${starTables.map(({ name }) => name).join()}`);
    await bench.warehouse.query('CREATE TABLE word (word text PRIMARY KEY)');
    await bench.warehouse.query(sql);
    await expectSecret({}, words);
  });
});

describe('the source refuses', () => {
  test('rows that row security hides', async () => {
    await bench.source.query(`ALTER ROLE ${role} NOSUPERUSER; GRANT pg_read_all_data TO ${role}`);
    await bench.source.query(
      `ALTER TABLE staff ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON staff USING (first_name <> '${canary}')`,
    );
    await expectSecret({ warehouse: bench.warehouse.url }, /row-level security/);
  });

  testSince(18, 'a column that is computed from a text and cannot be', async () => {
    await bench.source.query('ALTER TABLE staff ADD number int GENERATED ALWAYS AS (first_name::int) VIRTUAL');
    await expectSecret({}, /invalid input syntax for type integer: "…"/);
  });
});

test.each(['source', 'warehouse'] as const)('the connection to the %s is lost amid rows of people', async (side) => {
  const proxy = await CuttingProxy.before(urlOf(bench[side].url));
  const after = [side === 'source' ? /COPY .*"staff"/ : /COPY .*"dim_location"/];
  proxy.arm({ after, then: side === 'source' ? { received: 200 } : { sent: 200 } });
  await expectSecret({ [side]: proxy.url }, /Connection terminated/, 1);
  await proxy.close();
});

describe('the login fails', () => {
  test.each(['source', 'warehouse'] as const)('%s', async (side) => {
    const url = bench[side].url;
    await expectSecret({ [side]: urlOf(url, { password: `${password}x` }) }, /password authentication failed/);
    await expectSecret({ [side]: urlOf(url, { pathname: '/nowhere' }) }, /does not exist/);
    await expectSecret({ [side]: urlOf(url, { port: '1' }) }, /ECONNREFUSED/);
    await expectSecret({ [side]: urlOf(url).replace('?', '') + '?sslmode=verify-full' }, /TLS|SSL/);
    await expectSecret({ [side]: `postgres://${role}:${password}/x@localhost/db` }, /%2F/);
    await expectSecret({ [side]: `mysql://${role}:${password}@localhost/db` }, /postgres:\/\//);
  });

  test('with a password of the environment', async () => {
    process.env.PGPASSWORD = `${password}x`;
    await expectSecret({ source: urlOf(bench.source.url, { password: '' }) }, /password authentication failed/);
    process.env.PGPASSWORD = password;
    await expectSecret({ source: urlOf(bench.source.url, { password: '' }) }, /\bversion\b/, 0);
  });
});

test.each([
  ['no place', () => ({ username: role, password }), /has no host, no dbname/],
  [
    'a place where nobody listens',
    () => ({ username: role, password, host: '127.0.0.1', port: 1, dbname: 'x' }),
    /ECONNREFUSED/,
  ],
  ['no JSON', () => `{"password": "${password}"`, /must be a postgres:\/\/ URL or JSON/],
  ['half a URL', () => `postgres://${role}:${password}@`, /source/],
])('a secret that holds %s', async (_, secret, words) => {
  const text = secret();
  const body = JSON.stringify({ SecretString: typeof text === 'string' ? text : JSON.stringify(text) });
  const server = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(body),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'eu-west-2',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  try {
    await expectSecret({ source: 'secret:shop' }, words);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
