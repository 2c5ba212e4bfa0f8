import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { testSince } from '../../../scripts/jest/testSince.ts';
import { readCatalog } from './catalog.ts';
import { createTotesys, type Totesys } from '../test/totesys.ts';

let totesys: Totesys;
beforeEach(async () => (totesys = await createTotesys()));
afterEach(() => totesys.drop());

const query = (sql: string): Promise<unknown> => totesys.database.query(sql);

/** The ids of the rows that the next version brings for a table. */
async function ids(table: string): Promise<unknown[]> {
  const { version } = await totesys.ingest();
  return (await totesys.rows(version, table)).map((row) => row.id);
}

test('unknown tables are archived, those that tools keep are not', async () => {
  await query(`CREATE TABLE "constructor" (id int); INSERT INTO "constructor" VALUES (1);
    CREATE TABLE _prisma_migrations (id int); CREATE VIEW a_view AS SELECT 1 AS id; CREATE TABLE __proto__ (id int)`);
  const { read } = await totesys.ingest();
  expect(read).toMatchObject({ constructor: 1 });
  expect(Object.keys(read)).toEqual(expect.arrayContaining(['__proto__', 'constructor']));
  expect(Object.keys(read)).not.toEqual(expect.arrayContaining(['_prisma_migrations']));
  expect(Object.keys(read)).not.toEqual(expect.arrayContaining(['a_view']));
  expect(await totesys.ingest()).toMatchObject({ committed: false });
  await query('INSERT INTO "constructor" VALUES (2); INSERT INTO __proto__ VALUES (3)');
  expect(await ids('constructor')).toEqual([2]);
});

test('the tables to leave out can be chosen', async () => {
  await query('CREATE TABLE draft (id int); CREATE TABLE _prisma_migrations (id int)');
  const { read } = await totesys.ingest({ options: { format: 'csv', ignore: ['draft'] } });
  expect(Object.keys(read)).toContain('_prisma_migrations');
  expect(Object.keys(read)).not.toContain('draft');
});

test('a partitioned table is one table; a partition attached later brings its old rows', async () => {
  await query(`CREATE TABLE log (id int) PARTITION BY RANGE (id);
    CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (0) TO (10);
    CREATE TABLE log_2 (id int); INSERT INTO log VALUES (1); INSERT INTO log_2 VALUES (11)`);
  const { read } = await totesys.ingest();
  expect(read).toMatchObject({ log: 1, log_2: 1 });
  expect(read).not.toHaveProperty('log_1');
  await query('ALTER TABLE log ATTACH PARTITION log_2 FOR VALUES FROM (10) TO (20)');
  expect(await ids('log')).toEqual([1, 11]);
  await query('INSERT INTO log VALUES (12)');
  expect(await ids('log')).toEqual([12]);
  await query('CREATE TABLE log_3 PARTITION OF log FOR VALUES FROM (20) TO (30)');
  // Its partitions changed, so it is read again; its content proves to be nothing new only against the last one.
  expect(await ids('log')).toEqual([1, 11, 12]);
  expect(await totesys.ingest()).toMatchObject({ committed: false });
});

test('rows of inheritance children are rows of the table, whenever they came', async () => {
  await query(`CREATE TABLE parent (id int); CREATE TABLE child (id int); INSERT INTO child VALUES (1)`);
  await totesys.ingest();
  await query('ALTER TABLE child INHERIT parent');
  expect(await ids('parent')).toEqual([1]);
  await query('INSERT INTO child VALUES (2)');
  expect(await ids('parent')).toEqual([2]);
});

testSince(18, 'a table with a virtual column is read in full, and is nothing new where nothing changed', async () => {
  await query(`CREATE TABLE price (id int, net numeric, gross numeric GENERATED ALWAYS AS (net * 1.2) VIRTUAL);
    INSERT INTO price VALUES (1, 10)`);
  await totesys.ingest();
  expect(await totesys.ingest()).toMatchObject({ committed: false });
  // Neither rewrites a row nor changes a column's name or type.
  await query('ALTER TABLE price ALTER gross SET EXPRESSION AS (net * 1.25)');
  const { version } = await totesys.ingest();
  expect(await totesys.rows(version, 'price')).toEqual([{ id: 1, net: 10, gross: 12.5 }]);
});

test('rows that PostgreSQL itself does not store are not tracked by xmin', async () => {
  await query(`CREATE FOREIGN DATA WRAPPER elsewhere; CREATE SERVER far FOREIGN DATA WRAPPER elsewhere;
    CREATE TABLE mixed (id int) PARTITION BY LIST (id);
    CREATE TABLE near_part PARTITION OF mixed FOR VALUES IN (1);
    CREATE TABLE pure (id int) PARTITION BY LIST (id)`);
  const tracked = async (): Promise<unknown> => {
    const tables = await readCatalog(await totesys.connect(), 'public', []);
    return tables
      .filter(({ name }) => ['mixed', 'pure'].includes(name))
      .map((table) => [table.name, table.tracksChanges]);
  };
  expect(await tracked()).toEqual([
    ['mixed', true],
    ['pure', true],
  ]);
  await query('CREATE FOREIGN TABLE far_part PARTITION OF mixed FOR VALUES IN (2) SERVER far');
  expect(await tracked()).toEqual([
    ['mixed', false],
    ['pure', true],
  ]);
});

test('columns are those that are there, generated ones too, in order', async () => {
  await query(`CREATE TABLE thing (a int, b int, c int GENERATED ALWAYS AS (a + 1) STORED, "d e" text NOT NULL);
    ALTER TABLE thing DROP COLUMN b; ALTER TABLE thing ADD COLUMN b varchar(3)[]`);
  const tables = await readCatalog(await totesys.connect(), 'public', []);
  expect(tables.find(({ name }) => name === 'thing')!.columns).toEqual([
    { name: 'a', type: 'integer', baseType: 'integer', storedType: 'integer', nullable: true, number: 1 },
    { name: 'c', type: 'integer', baseType: 'integer', storedType: 'integer', nullable: true, number: 3 },
    { name: 'd e', type: 'text', baseType: 'text', storedType: 'text', nullable: false, number: 4 },
    {
      name: 'b',
      type: 'character varying(3)[]',
      baseType: 'character varying[]',
      storedType: 'character varying(3)[]',
      nullable: true,
      number: 5,
    },
  ]);
});

test('the type beneath a domain is known with its modifiers', async () => {
  await query(`CREATE DOMAIN amount AS numeric(12,2); CREATE DOMAIN price AS amount CHECK (VALUE > 0);
    CREATE DOMAIN label AS text; CREATE TYPE kind AS ENUM ('it''s', 'b'); CREATE DOMAIN sort AS kind;
    CREATE TABLE thing (a price, b amount, c label, d kind, e sort, f timestamp(3), g numeric(12,2))`);
  const tables = await readCatalog(await totesys.connect(), 'public', []);
  const { columns } = tables.find(({ name }) => name === 'thing')!;
  expect(columns.map(({ baseType, storedType }) => [baseType, storedType])).toEqual([
    ['numeric', 'numeric(12,2)'],
    ['numeric', 'numeric(12,2)'],
    ['text', 'text'],
    ['enum', "kind('it''s','b')"],
    ['enum', "kind('it''s','b')"],
    ['timestamp without time zone', 'timestamp(3) without time zone'],
    ['numeric', 'numeric(12,2)'],
  ]);
});
