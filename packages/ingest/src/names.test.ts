import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { identifier, literal } from '@totes/core';
import { createTotesys, department, type Row, type Totesys } from '../test/totesys.ts';

let totesys: Totesys;
beforeEach(async () => (totesys = await createTotesys()));
afterEach(() => totesys.drop());

const query = (sql: string): Promise<unknown> => totesys.database.query(sql);

/** PostgreSQL cuts a name after 63 bytes. */
const names = [
  `it's "quoted"`,
  `"; DROP TABLE department; --`,
  `') TO PROGRAM 'true' --`,
  'SELECT * FROM t WHERE 1=1; /*',
  '$1 $$ $body$ %s %I %L %%',
  ' led and trailed ',
  "back\\slash \\N \\. E'\\x41'",
  'line\nend\ttab\rreturn',
  'größe, 表, 👜 und "é"',
  'Department',
  'a/b/../c?d#e&f=g:h',
  '..',
  't',
  'xmin_',
  'toString',
  'hasOwnProperty',
  'x'.repeat(63),
  '表'.repeat(21),
];

/** A table of each name, with a column of every name. */
const create = (schema: string): string =>
  names
    .map((name) => {
      const table = identifier(schema, name);
      return `CREATE TABLE ${table} (${names.map((column) => `${identifier(column)} text`).join(', ')});
        INSERT INTO ${table} VALUES (${names.map((value) => literal(value)).join(', ')});`;
    })
    .join('\n');

const row = Object.fromEntries(names.map((name) => [name, name]));

/** The lines of CSV that PostgreSQL writes; it quotes values that hold a quote, a comma or a line end. */
const lines = [
  names.map((name) => identifier(name)),
  names.map((name) => (/[",\n\r]/.test(name) ? identifier(name) : name)),
]
  .map((line) => `${line.join(',')}\n`)
  .join('');

test.each(['public', `"; DROP TABLE department; --`, `größe's 100% \\表`, '表'.repeat(21)])(
  'tables and columns of any name in schema %j are archived as they are, in both formats',
  async (schema) => {
    if (schema !== 'public') {
      await query(`CREATE SCHEMA ${identifier(schema)}`);
      for (const { name } of await tables()) {
        await query(`ALTER TABLE ${identifier('public', name)} SET SCHEMA ${identifier(schema)}`);
      }
    }
    await query(`SET search_path = ${identifier(schema)}; ${create(schema)} ${department(1, 'one')}`);
    const first = await totesys.ingest({ options: { format: 'json', schema } });
    for (const name of names) {
      expect([name, first.read[name]]).toEqual([name, 1]);
      expect(await totesys.rows(1, name)).toEqual([row]);
    }
    expect(first.read).toMatchObject({ department: 1 });
    expect(await totesys.ingest({ options: { format: 'json', schema } })).toMatchObject({ committed: false });

    for (const name of names) await query(`UPDATE ${identifier(schema, name)} SET t = t`);
    const second = await totesys.ingest({ options: { format: 'csv', schema } });
    for (const name of names) expect(await totesys.text(second.version, name)).toBe(lines);
    expect((await totesys.database.query<Row>('SELECT count(*)::int AS rows FROM department'))[0]).toEqual({ rows: 1 });
  },
);

const tables = (): Promise<{ name: string }[]> =>
  totesys.database.query(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`);
