import { SourceRefused, sourceTables } from '@totes/core';
import { createDatabase, type TestDatabase } from '../../../../scripts/jest/database.ts';
import { createTotesys, tableNames } from './totesys.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

interface CatalogColumn {
  table: string;
  column: string;
  type: string;
  nullable: boolean;
}

const columnsOf = () =>
  database.query<CatalogColumn>(
    `SELECT relname AS table, attname AS column, format_type(atttypid, atttypmod) AS type, NOT attnotnull AS nullable
     FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 ORDER BY relname, attnum`,
  );

test('it has the tables and columns that the pipeline declares, and nothing else but its tool’s own table', async () => {
  await createTotesys(await database.connect());
  const columns = await columnsOf();
  expect(new Set(columns.map(({ table }) => table))).toEqual(
    new Set([...sourceTables.map(({ name }) => name), '_prisma_migrations']),
  );
  expect([...tableNames].sort()).toEqual(sourceTables.map(({ name }) => name).sort());
  for (const { name, columns: declared } of sourceTables) {
    const found = columns.filter(({ table }) => table === name);
    expect(new Map(found.map(({ column, nullable }) => [column, nullable]))).toEqual(
      new Map(Object.entries(declared).map(([column, { nullable }]) => [column, nullable])),
    );
  }
});

test('dates are text, timestamps have milliseconds, currency codes three letters', async () => {
  await createTotesys(await database.connect());
  const columns = await columnsOf();
  const typesOf = (pattern: RegExp) =>
    new Set(columns.filter(({ column }) => pattern.test(column)).map(({ type }) => type));
  expect(typesOf(/^(created_at|last_updated)$/)).toEqual(new Set(['timestamp(3) without time zone']));
  expect(typesOf(/^(agreed_\w+|payment)_date$/)).toEqual(new Set(['character varying']));
  expect(typesOf(/^currency_code$/)).toEqual(new Set(['character varying(3)']));
  expect(typesOf(/_price$|^payment_amount$/)).toEqual(new Set(['numeric']));
});

test('keys count up by themselves, timestamps default to now, foreign keys hold', async () => {
  await createTotesys(await database.connect());
  const rows = await database.query(
    `INSERT INTO department (department_name) VALUES ('Sales'), ('HR') RETURNING department_id, created_at = last_updated AS same`,
  );
  expect(rows).toEqual([
    { department_id: 1, same: true },
    { department_id: 2, same: true },
  ]);
  const staff = `INSERT INTO staff (first_name, last_name, department_id, email_address) VALUES ('A', 'B', 3, 'c')`;
  await expect(database.query(staff)).rejects.toThrow(/foreign key/);
  const [constraints] = await database.query(
    `SELECT count(*) FILTER (WHERE contype = 'p')::int AS primary, count(*) FILTER (WHERE contype = 'f')::int AS foreign
     FROM pg_constraint WHERE convalidated AND connamespace = 'public'::regnamespace`,
  );
  expect(constraints).toEqual({ primary: 12, foreign: 17 });
});

test('it refuses a database that has any of its tables, names them and leaves all as it was', async () => {
  await database.query('CREATE TABLE staff (); CREATE VIEW payment AS SELECT 1 AS one');
  const [{ name }] = (await database.query<{ name: string }>('SELECT current_database() AS name')) as [
    { name: string },
  ];
  const attempt = createTotesys(await database.connect());
  await expect(attempt).rejects.toThrow(SourceRefused);
  await expect(attempt).rejects.toThrow(
    `database ${name} has payment, staff in schema public already: name an empty database, or drop what is there`,
  );
  expect((await columnsOf()).map(({ table }) => table)).toEqual([]);
});

test('tables of the same names in other schemas are none of its business', async () => {
  await database.query('CREATE SCHEMA other; CREATE TABLE other.staff ()');
  await expect(createTotesys(await database.connect())).resolves.toBeUndefined();
});
