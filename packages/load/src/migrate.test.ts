import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { WarehouseMismatch } from '@totes/core';
import { createDatabase, type TestDatabase } from '../../../scripts/jest/database.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

const applied = () => database.query('SELECT number, name FROM etl.migration ORDER BY number');

test('migrations are numbered from 1 without gaps', () => {
  expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, i) => i + 1));
});

test('each runs once, however often and by however many at once', async () => {
  const clients = await Promise.all([1, 2, 3, 4].map(() => database.connect()));
  await Promise.all(clients.map((client) => migrate(client)));
  await migrate(clients[0]!);
  expect(await applied()).toEqual(migrations.map(({ number, name }) => ({ number, name })));
});

test('goes on where an older release ended', async () => {
  await database.query(`
    CREATE SCHEMA etl;
    CREATE TABLE etl.migration (number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
  await migrate(await database.connect());
  expect(await applied()).toHaveLength(migrations.length);
});

test('a newer release was here before', async () => {
  const client = await database.connect();
  await migrate(client);
  await database.query("INSERT INTO etl.migration (number, name) VALUES (99, 'future')");
  await expect(migrate(client)).rejects.toThrow(
    new WarehouseMismatch(
      `schema etl of the warehouse is at migration 99; this release knows them up to ${migrations.length}: upgrade it`,
    ),
  );
});
