import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** A database of a test file's own, on the server that the test run started for its worker. */
export interface TestDatabase {
  readonly url: string;
  /** Runs a statement and gives its rows. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** A further connection, for tests about concurrent transactions; closed by `drop`. */
  connect(): Promise<pg.Client>;
  drop(): Promise<void>;
}

/** Makes an empty database (or a copy of `template`). Call `drop` when done. */
export async function createDatabase(template = 'template0'): Promise<TestDatabase> {
  const worker = Number(process.env.JEST_WORKER_ID ?? 1);
  const server = process.env.TOTES_TEST_POSTGRES?.split(' ')[worker - 1];
  if (server === undefined) throw new Error('no PostgreSQL: tests that need one run under Jest, which starts it');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await once(server, `CREATE DATABASE ${name} TEMPLATE "${template}"`);
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  const clients: pg.Client[] = [];
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  const main = await connect();
  return {
    url,
    connect,
    query: async <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) =>
      (await main.query<Row>(sql, values)).rows,
    async drop() {
      await Promise.all(clients.map((client) => client.end()));
      await once(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function once(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
