import fc from 'fast-check';
import { createDatabase, type TestDatabase } from '../../../../scripts/jest/database.ts';
import { identifier, literal } from './identifier.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** Any text that PostgreSQL can hold. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom("'", '"', '\\', '\n', '\t', '$', '%', ';', '-', 'E', 'N', 'é', '\u{1f45c}') }),
);

test('a literal is the text it was made of, whatever the server thinks of backslashes', async () => {
  for (const setting of ['on', 'off']) {
    await database.query(`SET standard_conforming_strings = ${setting}`);
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const rows = await database.query<{ value: string }>(`SELECT 'before'||${literal(value)} AS value`);
        expect(rows).toEqual([{ value: `before${value}` }]);
      }),
      { seed: 1 },
    );
  }
});

test('an identifier is the name it was made of', async () => {
  // PostgreSQL cuts names after 63 bytes.
  const name = text.filter((each) => each !== '' && Buffer.byteLength(each) <= 63);
  await fc.assert(
    fc.asyncProperty(name, async (value) => {
      const rows = await database.query(`SELECT 1 AS ${identifier(value)}`);
      expect(Object.keys(rows[0]!)).toEqual([value]);
    }),
    { seed: 2 },
  );
});

test('a path of names is quoted name by name', async () => {
  expect(identifier('public', 'sales_order', 'a"b')).toBe('"public"."sales_order"."a""b"');
  await database.query(`CREATE SCHEMA ${identifier('Odd "one"')}`);
  await database.query(`CREATE TABLE ${identifier('Odd "one"', 'a.b')} (x int)`);
  expect(await database.query(`SELECT * FROM ${identifier('Odd "one"', 'a.b')}`)).toEqual([]);
});
