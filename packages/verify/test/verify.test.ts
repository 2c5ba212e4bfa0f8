import { SourceSchemaDrift, sourceTable, starTables, WarehouseMismatch, type Kind as TypeKind } from '@totes/core';
import type { VerifyResult } from '../src/index.ts';
import { createFilledPair, createPair, type Pair } from './pair.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await createFilledPair();
});
afterAll(() => pair.drop());
beforeEach(() => pair.fill());

/** What differs, by table. */
const differing = ({ tables }: VerifyResult) =>
  Object.fromEntries(
    Object.entries(tables).flatMap(([name, { sample }]) =>
      sample.length === 0 ? [] : [[name, sample.map(({ key, kind, columns }) => [key, kind, ...columns])]],
    ),
  );

const sourced = starTables.flatMap((table) => (table.source === undefined ? [] : [{ ...table, source: table.source }]));

/** The smallest changes that a value of a type can have. */
const altered: Readonly<Record<TypeKind, (column: string) => string>> = {
  integer: (column) => `${column} + 1`,
  text: (column) => `${column} || ' '`,
  boolean: (column) => `NOT ${column}`,
  date: (column) => `${column} + 1`,
  time: (column) => `${column} + interval '1 microsecond'`,
  numeric: (column) => `${column}::text::numeric(40, 12)`,
  decimal: (column) => `-${column}`,
  timestamp: (column) => column,
};

test('nothing is found where nothing differs', async () => {
  const seen: string[] = [];
  const result = await pair.verify({ onProgress: ({ table, rows }) => seen.push(`${table} ${rows}`) });
  expect(result).toMatchObject({ equal: true, version: 1, compared: 50, keys: {}, truncated: false });
  expect(differing(result)).toEqual({});
  expect(seen).toEqual(sourced.map(({ name }) => `${name} 5`));
  expect(result.tables.dim_date?.rows).toBe(397);
});

describe.each(sourced)('$name', (table) => {
  test('missing', async () => {
    await pair.query(`DELETE FROM star.${table.name} WHERE ${table.key} = 16384`);
    const result = await pair.verify();
    expect(differing(result)).toEqual({ [table.name]: [[16_384, 'missing']] });
    expect(result).toMatchObject({ equal: false, settled: { missing: 1, extra: 0, altered: 0, stale: 0 } });
    expect(result.keys[table.source]).toEqual([16_384]);
  });

  test('extra', async () => {
    const names = table.columns.map(({ name }) => name);
    const values = names.map((name) => (name === table.key ? '-20001' : name));
    await pair.query(
      `INSERT INTO star.${table.name} (${names.join(', ')}) SELECT ${values.join(', ')} FROM star.${table.name} WHERE ${table.key} = 1`,
    );
    const result = await pair.verify();
    expect(differing(result)).toEqual({ [table.name]: [[-20_001, 'extra']] });
    expect(result.keys).toEqual({ [table.source]: [-20_001] });
  });

  const columns = table.columns.filter(({ name }) => name !== table.key);
  test.each(columns)('altered in $name', async ({ name, type, nullable }) => {
    for (const value of nullable ? [altered[type.kind](name), 'NULL'] : [altered[type.kind](name)]) {
      await pair.query(`UPDATE star.${table.name} SET ${name} = ${value} WHERE ${table.key} = 2`);
      const result = await pair.verify();
      expect(differing(result)).toEqual({ [table.name]: [[2, 'altered', name]] });
      expect(result.keys[table.source]).toEqual([2]);
      await pair.fill(table.name);
    }
  });

  test('changed in the source since the load', async () => {
    const { columns: declared, key } = sourceTable(table.source);
    const column = Object.keys(declared).find(
      (name) => declared[name]!.type.kind === 'text' && !name.endsWith('_date'),
    );
    const change = table.kind === 'fact' ? `last_updated = '2024-01-15 10:20:31'` : `${column!} = 'other'`;
    await pair.query(`UPDATE shop.${table.source} SET ${change} WHERE ${key} = 40000`);
    const result = await pair.verify();
    expect(result.tables[table.name]).toMatchObject({ pending: 1, [table.kind === 'fact' ? 'stale' : 'altered']: 1 });
    expect(result).toMatchObject({ equal: false, settled: { missing: 0, extra: 0, altered: 0, stale: 0 } });
  });
});

test('a row deleted in the source is extra, until it is retired', async () => {
  await pair.insert('design', 77);
  await pair.fill();
  await pair.query('DELETE FROM shop.design WHERE design_id = 77');
  expect(differing(await pair.verify())).toEqual({ dim_design: [[77, 'extra']] });
  await pair.query(`INSERT INTO star.retired_design VALUES (77, 'deleted', 2, now())`);
  expect((await pair.verify()).equal).toBe(true);
  await pair.query('TRUNCATE star.retired_design');
});

test('a fact shows the version in force; one that the warehouse has with an earlier time is stale', async () => {
  await pair.query(
    `INSERT INTO star.fact_payment (${payment}) SELECT ${payment} FROM star.fact_payment WHERE payment_id = 1`,
  );
  expect((await pair.verify()).equal).toBe(true);
  await pair.query(`UPDATE star.fact_payment SET last_updated_date = '2024-01-14' WHERE payment_id = 1`);
  expect(await pair.verify()).toMatchObject({
    settled: { stale: 1, altered: 0 },
    tables: { fact_payment: { stale: 1 } },
  });
});
const payment = starTables
  .at(-1)!
  .columns.map(({ name }) => name)
  .join(', ');

test('a joined row is asked for with the row that joins it', async () => {
  await pair.query(`UPDATE star.dim_staff SET department_name = 'x' WHERE staff_id = 1`);
  await pair.query('DELETE FROM star.dim_counterparty WHERE counterparty_id = 2');
  expect((await pair.verify()).keys).toEqual({ staff: [1], department: [1], counterparty: [2], address: [2] });
});

test('a row whose joined row is missing in the source says nothing of the warehouse, and is counted', async () => {
  await pair.insert('staff', 78, { department_id: 500 });
  const result = await pair.verify();
  expect(result).toMatchObject({
    equal: true,
    compared: 50,
    keys: {},
    tables: { dim_staff: { rows: 6, unjudged: 1 } },
  });
  await pair.query('DELETE FROM shop.staff WHERE staff_id = 78');
});

test('a day whose row does not say what the day is', async () => {
  await pair.query(`UPDATE star.dim_date SET day_name = 'Monday', quarter = 2 WHERE date_id = '2024-02-29'`);
  await pair.query(`INSERT INTO star.dim_date VALUES ('infinity', 1, 1, 1, 1, 'Monday', 'January', 1)`);
  const result = await pair.verify();
  expect(result).toMatchObject({ equal: false, keys: {}, settled: { altered: 2 } });
  expect(differing(result).dim_date?.[0]).toEqual([20240229, 'altered', 'day_name', 'quarter']);
  await pair.query(`DELETE FROM star.dim_date WHERE date_id = 'infinity'`);
  await pair.query(`UPDATE star.dim_date SET day_name = 'Thursday', quarter = 1 WHERE date_id = '2024-02-29'`);
});

test('a dimension that was emptied differs in every row, of which 20 are named', async () => {
  await pair.query(
    `INSERT INTO shop.design SELECT i, 'd', 'l', 'n', now(), now() FROM generate_series(100000, 200000) i`,
  );
  await pair.query('TRUNCATE star.dim_design');
  const { tables, keys, truncated } = await pair.verify();
  expect(tables.dim_design).toMatchObject({ rows: 100_006, missing: 100_006 });
  expect(tables.dim_design?.sample).toHaveLength(20);
  expect([keys.design?.length, truncated]).toEqual([100_000, true]);
  await pair.query('DELETE FROM shop.design WHERE design_id >= 100000');
});

test('a warehouse that nothing was loaded into has no rows', async () => {
  const empty = await createPair();
  await empty.query('DROP SCHEMA star CASCADE; DROP SCHEMA etl CASCADE');
  expect(await empty.verify()).toMatchObject({ equal: true, version: 0, compared: 0 });
  await empty.insert('design', 7);
  const result = await empty.verify();
  expect(result).toMatchObject({ equal: false, version: 0, keys: { design: [7] }, settled: { missing: 0 } });
  expect(result.tables.dim_design).toMatchObject({ rows: 1, missing: 1, pending: 1 });
  await empty.drop();
});

test('a warehouse that lacks a table, and a source that lacks a column, are refused', async () => {
  const broken = await createPair();
  await broken.query('ALTER TABLE star.dim_design RENAME TO gone');
  await expect(broken.verify()).rejects.toThrow(WarehouseMismatch);
  await expect(broken.verify()).rejects.toThrow(/lacks "star"."dim_design": run load/);
  await broken.query('ALTER TABLE star.gone RENAME TO dim_design; ALTER TABLE shop.design RENAME file_name TO file');
  await expect(broken.verify()).rejects.toThrow(SourceSchemaDrift);
  await expect(broken.verify()).rejects.toThrow(/lacks columns .*: design\.file_name$/);
  await broken.drop();
});
