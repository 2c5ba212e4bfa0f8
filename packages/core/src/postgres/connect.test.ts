import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createDatabase, type TestDatabase } from '../../../../scripts/jest/database.ts';
import { ConfigInvalid, SourceRefused, SourceUnavailable, WarehouseRefused, WarehouseUnavailable } from '../errors.ts';
import { connectPostgres } from './connect.ts';
import { failure, type DatabaseSide } from './failure.ts';
import { redactUrl } from './url.ts';

const applicationName = 'totes test';
let database: TestDatabase;

const changed = (change: Partial<URL>): string => Object.assign(new URL(database.url), change).href;

async function errorOf(url: string, side: DatabaseSide = 'source'): Promise<Error> {
  const error: unknown = await connectPostgres({ url, side, applicationName }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).not.toMatch(/\n|s3cret/);
  return error as Error;
}

/** A server that does with every connection what it is told, for as long as `work` takes. */
async function withServer(behave: (socket: Socket) => void, work: (url: string) => Promise<void>): Promise<void> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    behave(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await work(`postgres://shop:s3cret@127.0.0.1:${(server.address() as AddressInfo).port}/totesys`);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test('values come as exact text, whatever the database is set to', async () => {
  const name = new URL(database.url).pathname.slice(1);
  for (const [setting, value] of [
    ['datestyle', 'SQL, DMY'],
    ['timezone', 'Asia/Kolkata'],
    ['intervalstyle', 'sql_standard'],
    ['bytea_output', 'escape'],
    ['extra_float_digits', '-15'],
    ['client_encoding', 'LATIN1'],
  ] as const) {
    await database.query(`ALTER DATABASE ${name} SET ${setting} = '${value}'`);
  }
  for (const side of ['source', 'warehouse'] as const) {
    const client = await connectPostgres({ url: database.url, side, applicationName });
    const { rows } = await client.query<{ line: string }>(`
      SELECT concat_ws('|', timestamptz '2026-07-01 12:00:00.123456+01', date '2026-02-01', interval '1 day 2 hours',
        '\\xff'::bytea, 0.1::float8 + 0.2::float8, 'żółć', current_setting('client_encoding'),
        current_setting('application_name')) AS line`);
    expect(rows[0]?.line).toBe(
      '2026-07-01 11:00:00.123456+00|2026-02-01|1 day 02:00:00|\\xff|0.30000000000000004|żółć|UTF8|totes test',
    );
    await client.end();
  }
});

test('a source whose rows a policy would hide refuses, instead of giving fewer rows', async () => {
  const role = `reader_${new URL(database.url).pathname.slice(-12)}`;
  await database.query(`
    CREATE TABLE sales (id int); INSERT INTO sales VALUES (1), (2);
    ALTER TABLE sales ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON sales USING (id = 1);
    CREATE ROLE ${role} LOGIN PASSWORD 'p'; GRANT SELECT ON sales TO ${role}`);
  const client = await connectPostgres({
    url: changed({ username: role, password: 'p' }),
    side: 'source',
    applicationName,
  });
  await expect(client.query('SELECT * FROM sales')).rejects.toThrow('query would be affected by row-level security');
  await client.end();
  await database.query(`DROP TABLE sales; DROP ROLE ${role}`);
});

test('a wrong password is refused', async () => {
  const url = changed({ password: 's3cret' });
  const error = await errorOf(url);
  expect(error).toBeInstanceOf(SourceRefused);
  expect(error.message).toBe(`source ${redactUrl(url)}: password authentication failed for user "postgres"`);
  expect(await errorOf(url, 'warehouse')).toBeInstanceOf(WarehouseRefused);
});

test('a missing password is refused', async () => {
  const error = await errorOf(changed({ password: '' }));
  expect(error).toBeInstanceOf(SourceRefused);
  expect(error.message).toContain('empty password returned by client');
});

test('an unknown database is refused', async () => {
  const error = await errorOf(changed({ pathname: '/nowhere' }));
  expect(error).toBeInstanceOf(SourceRefused);
  expect(error.message).toBe(
    `source ${redactUrl(changed({ pathname: '/nowhere' }))}: database "nowhere" does not exist`,
  );
});

test('a port where nobody listens is a database that is not available', async () => {
  let free = '';
  await withServer(
    () => undefined,
    (url) => Promise.resolve(void (free = url)),
  );
  const error = await errorOf(free);
  expect(error).toBeInstanceOf(SourceUnavailable);
  expect(error.message).toMatch(
    /^source postgres:\/\/shop@127\.0\.0\.1:\d+\/totesys: connect ECONNREFUSED 127\.0\.0\.1:\d+$/,
  );
  expect(await errorOf(free, 'warehouse')).toBeInstanceOf(WarehouseUnavailable);
});

test('a name that does not exist and a socket that is not there are databases that are not available', async () => {
  expect(await errorOf('postgres://shop@no-such-host.invalid/totesys')).toBeInstanceOf(SourceUnavailable);
  const error = await errorOf('postgres://shop@/totesys?host=/no/such/folder');
  expect(error).toBeInstanceOf(SourceUnavailable);
  expect(error.message).toContain('shop@/totesys?host=/no/such/folder&port=5432: connect ENOENT');
});

test('a server that hangs up is a database that is not available', async () => {
  await withServer(
    (socket) => socket.destroy(),
    async (url) => {
      expect(await errorOf(url)).toBeInstanceOf(SourceUnavailable);
    },
  );
});

test('a server that says nothing is a database that is not available', async () => {
  await withServer(
    () => undefined,
    async (url) => {
      const error = await errorOf(`${url}?connect_timeout=0.05`);
      expect(error).toBeInstanceOf(SourceUnavailable);
      expect(error.message).toContain('timeout expired: no answer within the connection timeout');
    },
  );
});

test('a setting that the server does not know is refused, and the connection closed', async () => {
  const url = `${database.url}?options=-c%20search_path%3Dx%20-c%20no_such_setting%3D1`;
  expect(await errorOf(url)).toBeInstanceOf(SourceRefused);
});

test('a bad URL names its side', async () => {
  const error = await errorOf('mysql://shop:s3cret@db/totesys', 'warehouse');
  expect(error).toEqual(
    new ConfigInvalid('the warehouse URL must start with postgres:// or postgresql://, or redshift://'),
  );
});

test('a connection through a unix socket', async () => {
  const [row] = await database.query<{ folder: string }>(
    "SELECT split_part(current_setting('unix_socket_directories'), ',', 1) AS folder",
  );
  const { username, password, port, pathname } = new URL(database.url);
  const url = `postgres://${username}:${password}@${pathname}?host=${row!.folder}&port=${port}&sslmode=verify-full`;
  const client = await connectPostgres({ url, side: 'source', applicationName });
  const { rows } = await client.query('SELECT inet_client_addr() AS address');
  expect(rows).toEqual([{ address: null }]);
  await client.end();
});

describe('a backend that is terminated', () => {
  test('while a query runs fails the query', async () => {
    const client = await connectPostgres({ url: database.url, side: 'source', applicationName });
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const query = client.query('SELECT pg_sleep(60)').catch((e: unknown) => failure('source', 'here', e));
    await untilRunning(rows[0]!.pid, 'SELECT pg_sleep(60)');
    await database.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
    expect(await query).toEqual(
      new SourceUnavailable('source here: terminating connection due to administrator command'),
    );
    await client.end();
  });

  test('while idle does not end the process but fails the next query', async () => {
    const client = await connectPostgres({ url: database.url, side: 'warehouse', applicationName });
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const gone = new Promise((resolve) => client.once('end', resolve));
    await database.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
    await gone;
    const error = failure('warehouse', 'here', await client.query('SELECT 1').catch((e: unknown) => e));
    expect(error).toBeInstanceOf(WarehouseUnavailable);
    await client.end();
  });
});

/** Waits until the server shows a backend at a statement. */
async function untilRunning(pid: number, statement: string): Promise<void> {
  let running: unknown[] = [];
  while (running.length === 0) {
    running = await database.query('SELECT FROM pg_stat_activity WHERE pid = $1 AND state = $2 AND query = $3', [
      pid,
      'active',
      statement,
    ]);
  }
}
