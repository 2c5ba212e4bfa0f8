import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { differences } from '../../packages/cli/test/compare.ts';
import { startPostgres } from '../../packages/cli/src/local/postgresServer.ts';
import { generate } from '../../packages/cli/src/sampleData/generate.ts';

/** Answers SQL as the superuser. */
export interface Database {
  readonly name: string;
  /** For the tools that fill it. */
  readonly url: string;
  query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]>;
}

/** A warehouse, which can be taken from the pipeline for as long as some work takes. */
export interface Warehouse extends Database {
  away<T>(work: () => Promise<T>): Promise<T>;
}

/** The databases of a run, and what the pipeline is told of them. */
export interface Databases {
  readonly source: Database;
  /** As the source's owner would give it: a user with SELECT alone. */
  readonly sourceUrl: string;
  /** Limits the connections of that user; -1 sets no limit. */
  readerConnections(most: number): Promise<void>;
  /** A new, empty warehouse and the URL of a user who may create in it. */
  warehouse(name: string): Promise<{ database: Warehouse; url: string }>;
  /** What must appear nowhere: the passwords of both. */
  readonly passwords: readonly string[];
  close(): Promise<void>;
}

/**
 * Makes a source with sample data on a PostgreSQL server that is started here, or on the one of TOTES_E2E_POSTGRES, the
 * URL of its superuser: for an AWS whose functions cannot reach this machine's loopback interface.
 *
 * @param orders how many the source starts with
 */
export async function openDatabases(orders: number): Promise<Databases> {
  const given = process.env.TOTES_E2E_POSTGRES;
  const server = given === undefined ? await startPostgres() : undefined;
  const administrator = new URL(given ?? server!.url('postgres'));
  const run = randomBytes(4).toString('hex');
  const password = {
    reader: `reader:${randomBytes(12).toString('hex')}`,
    writer: `writer:${randomBytes(12).toString('hex')}`,
  };
  const opened: OpenDatabase[] = [];
  const open = async (name: string): Promise<OpenDatabase> => {
    const database = await openDatabase(administrator, name);
    opened.push(database);
    return database;
  };
  const urlFor = (role: 'reader' | 'writer', name: string): string => {
    const url = new URL(administrator);
    url.username = `${role}_${run}`;
    url.password = encodeURIComponent(password[role]);
    url.pathname = `/${name}`;
    return url.href;
  };
  const admin = await open('postgres');
  for (const role of ['reader', 'writer'] as const) {
    await admin.query(`CREATE ROLE ${role}_${run} LOGIN PASSWORD '${password[role]}'`);
  }
  const create = async (name: string): Promise<OpenDatabase> => {
    await admin.query(`CREATE DATABASE ${name}_${run}`);
    return open(`${name}_${run}`);
  };
  const source = await create('totesys');
  await generate({ url: source.url, orders, seed: 7 });
  await source.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader_${run}`);
  await source.query(`ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader_${run}`);
  return {
    source,
    sourceUrl: urlFor('reader', source.name),
    async readerConnections(most) {
      await admin.query(`ALTER ROLE reader_${run} CONNECTION LIMIT ${most}`);
    },
    passwords: Object.values(password),
    async warehouse(name) {
      const database = await create(name);
      await database.query(`GRANT CREATE ON DATABASE ${database.name} TO writer_${run}`);
      await database.query(`GRANT CREATE, USAGE ON SCHEMA public TO writer_${run}`);
      const admit = (connections: number): Promise<unknown> =>
        admin.query(`ALTER ROLE writer_${run} CONNECTION LIMIT ${connections}`);
      const away: Warehouse['away'] = async (work) => {
        await admit(0);
        try {
          return await work();
        } finally {
          await admit(-1);
        }
      };
      return { database: { ...database, away }, url: urlFor('writer', database.name) };
    },
    async close() {
      for (const each of opened.slice(1)) {
        await each.close();
        await admin.query(`DROP DATABASE ${each.name} WITH (FORCE)`);
      }
      for (const role of ['reader', 'writer']) await admin.query(`DROP ROLE ${role}_${run}`);
      await admin.close();
      await server?.stop();
    },
  };
}

type OpenDatabase = Database & { close(): Promise<void> };

/** Renames a column that the star needs, for as long as some work takes. */
export async function withoutColumn<T>(source: Database, work: () => Promise<T>): Promise<T> {
  await source.query('ALTER TABLE payment RENAME COLUMN paid TO settled');
  try {
    return await work();
  } finally {
    await source.query('ALTER TABLE payment RENAME COLUMN settled TO paid');
  }
}

async function openDatabase(server: URL, name: string): Promise<OpenDatabase> {
  const url = new URL(server);
  url.pathname = `/${name}`;
  const client = new pg.Client(url.href);
  await client.connect();
  return {
    name,
    url: url.href,
    query: async <Row extends pg.QueryResultRow>(sql: string) => (await client.query<Row>(sql)).rows,
    close: () => client.end(),
  };
}

/**
 * Compares every table of the warehouse with SQL on the source.
 *
 * @returns how many rows were equal
 * @throws Error with the first differences
 */
export async function compare(source: Database, warehouse: Database): Promise<string> {
  const found = await differences(source, warehouse);
  if (found.length > 0) throw new Error(`${found.length} differences:\n${found.slice(0, 10).join('\n')}`);
  const tables = ['current_sales_order', 'current_purchase_order', 'current_payment', 'dim_transaction'];
  const counts = tables.map((table) => `(SELECT count(*) FROM ${table})`).join(' + ');
  const [row] = await warehouse.query<{ rows: string }>(`SELECT ${counts} AS rows`);
  return `${row!.rows} rows of facts and transactions, and all dimensions`;
}
