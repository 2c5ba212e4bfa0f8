import fc from 'fast-check';
import type pg from 'pg';
import { createDatabase, type TestDatabase } from '../../../../scripts/jest/database.ts';
import { copyIn } from './copyIn.ts';
import type { Row } from './orders.ts';

let database: TestDatabase;
let client: pg.Client;
beforeEach(async () => {
  database = await createDatabase();
  client = await database.connect();
  await client.query('BEGIN');
  await client.query('CREATE TABLE department (department_id integer, name text, location text, open boolean)');
});
afterEach(() => database.drop());

const stored = async () =>
  (await client.query<Row>('SELECT name, location, open FROM department ORDER BY department_id')).rows;

test('every text, empty ones and NULL arrive as they were', async () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom('\\', '\t', '\n', '\r', 'N', '.', "'", '"', ',', 'é', '東', '👜', ' ') }),
    fc.constantFrom('\\N', '\\.', 'NULL', ''),
  );
  const rows = fc.array(fc.record({ name: fc.option(text), location: fc.option(text), open: fc.boolean() }), {
    minLength: 1,
  });
  await fc.assert(
    fc.asyncProperty(rows, async (given) => {
      // A savepoint would hide the table from FREEZE; TRUNCATE in the same transaction does not.
      await client.query('TRUNCATE department');
      expect(await copyIn(client, 'department', given.values(), () => undefined)).toBe(given.length);
      expect(await stored()).toEqual(given);
    }),
  );
});

test('many chunks: rows are numbered from 1 and progress is told up to the last', async () => {
  function* rows(): Generator<Row, void> {
    for (let number = 1; number <= 20_000; number++) yield { name: `department ${number}`, location: null, open: true };
  }
  const told: number[] = [];
  await copyIn(client, 'department', rows(), (count) => told.push(count));
  expect(told.length).toBeGreaterThan(5);
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(told.at(-1)).toBe(20_000);
  const { rows: found } = await client.query(
    `SELECT count(*)::int AS rows, min(department_id), max(department_id), bool_and(name = 'department ' || department_id) AS named FROM department`,
  );
  expect(found).toEqual([{ rows: 20_000, min: 1, max: 20_000, named: true }]);
});

test('no rows is no COPY', async () => {
  expect(await copyIn(client, 'department', [].values(), () => undefined)).toBe(0);
  expect(await stored()).toEqual([]);
});

test('what PostgreSQL refuses rejects, though more rows wait', async () => {
  function* rows(): Generator<Row, void> {
    for (let number = 0; number < 100_000; number++) yield { name: 'x', open: number === 10 ? 'perhaps' : true };
  }
  await expect(copyIn(client, 'department', rows(), () => undefined)).rejects.toThrow(
    /invalid input syntax for type boolean/,
  );
});

test('rows that cannot be made reject with their own error', async () => {
  function* rows(): Generator<Row, void> {
    yield { name: 'x' };
    throw new Error('out of ideas');
  }
  await expect(copyIn(client, 'department', rows(), () => undefined)).rejects.toThrow('out of ideas');
});
