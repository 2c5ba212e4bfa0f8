import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { zstdDecompressSync } from 'node:zlib';
import { identifier, literal, rawBucket, FolderStore, type RawTable } from '@totes/core';
import { from as copyFrom } from 'pg-copy-streams';
import { differences } from './compare.ts';
import { openBench, type Bench } from './pipelineTest.ts';

/** Names and values that break what pastes them into SQL, paths, CSV or JSON. */
const names = [
  'a "quoted" name',
  "o'clock",
  ' two  spaces ',
  'back\\slash',
  '100% %s %I',
  '$1',
  '$$',
  `"; DROP TABLE payment; --`,
  '/* half a comment',
  'line\nfeed',
  'tab\tand\rreturn',
  '../../etc/passwd',
  '..',
  '__proto__',
  'constructor',
  ',',
  '\\.',
  '\u0001\u001b[31m',
  '東'.repeat(21),
  '😀'.repeat(15),
  'NULL',
];
const values = [
  ...names,
  `'); DROP TABLE payment; --`,
  '\n\\.\n',
  '"\n\\.\n"',
  '\\N',
  `=cmd|' /C calc'!A0`,
  '@SUM(1+1)*cmd|x',
  '+1',
  '-1',
  '{"a": 1}',
  '${process.exit()}',
  '',
];

let bench: Bench;
beforeAll(async () => {
  bench = await openBench(5);
});
afterAll(() => bench.close());

/** What the source and the warehouse of these schemas hold is compared. */
async function expectLevel(sourceSchema: string, schema: string): Promise<void> {
  await bench.source.query(`SET search_path TO ${identifier(sourceSchema)}`);
  await bench.warehouse.query(`SET search_path TO ${identifier(schema)}`);
  expect([schema, await differences(bench.source, bench.warehouse)]).toEqual([schema, []]);
}

test('schemas of any name, in the source and in the warehouse', async () => {
  await bench.run();
  let sourceSchema = 'public';
  for (const name of names) {
    await bench.source.query(`ALTER SCHEMA ${identifier(sourceSchema)} RENAME TO ${identifier(name)}`);
    sourceSchema = name;
    await bench.run('--source-schema', name, '--schema', name);
    await expectLevel(name, name);
  }
  await bench.source.query(`ALTER SCHEMA ${identifier(sourceSchema)} RENAME TO public; SET search_path TO public`);
}, 180_000);

describe.each(['csv', 'json'] as const)('raw rows as %s', (format) => {
  const run = () => bench.run('--raw-format', format);

  test('tables and columns of any name are archived, every value of theirs as it is', async () => {
    await bench.source.query('SET search_path TO public');
    const columns = names.map((name) => `${identifier(name)} text`).join(', ');
    for (const name of names) {
      await bench.source.query(`CREATE TABLE ${identifier(name)} (${columns})`);
      const cells = names.map((_, i) => values[(i * 7 + name.length) % values.length]);
      const places = names.map((_, i) => `$${i + 1}`).join(', ');
      await bench.source.query(`INSERT INTO ${identifier(name)} VALUES (${places})`, cells);
    }
    const { version, read } = await run();
    const store = new FolderStore(bench.lake, 'ingestion');
    const { tables } = await rawBucket(store).log.read(version);
    for (const name of names) {
      expect([name, Object.getOwnPropertyDescriptor(read, name)?.value]).toEqual([name, 1]);
      await expectArchived(name, Object.getOwnPropertyDescriptor(tables, name)!.value as RawTable);
    }
    for (const name of names) await bench.source.query(`DROP TABLE ${identifier(name)}`);
  });

  /** PostgreSQL itself reads the object back, into a table like the one that it came from. */
  async function expectArchived(name: string, { objects }: RawTable): Promise<void> {
    const body = zstdDecompressSync(await readFile(join(bench.lake, 'ingestion', objects[0]!.key)));
    const client = await bench.source.connect();
    await client.query(`CREATE TEMPORARY TABLE back (LIKE public.${identifier(name)})`);
    if (format === 'csv') {
      await pipeline(Readable.from([body]), client.query(copyFrom('COPY back FROM STDIN (FORMAT csv, HEADER)')));
    } else {
      await client.query('INSERT INTO back SELECT * FROM json_populate_record(NULL::back, $1)', [body.toString()]);
    }
    const { rows } = await client.query(
      `SELECT 1 FROM back JOIN public.${identifier(name)} AS original ON row(back.*)::text = row(original.*)::text`,
    );
    expect([name, rows]).toEqual([name, [{ '?column?': 1 }]]);
    await client.end();
  }

  test('columns of any name in tables that the star needs', async () => {
    await bench.source.query('SET search_path TO public');
    for (const name of names) {
      for (const table of ['staff', 'address', 'sales_order', 'payment', 'design']) {
        const column = `ADD COLUMN IF NOT EXISTS ${identifier(name)} text DEFAULT ${literal(name)}`;
        await bench.source.query(`ALTER TABLE ${table} ${column}`);
      }
    }
    await bench.source.query('UPDATE sales_order SET units_sold = units_sold + 1');
    await run();
    await expectLevel('public', 'public');
  });

  test('values that read like SQL, COPY, CSV, JSON or a formula', async () => {
    await bench.source.query('SET search_path TO public');
    for (const [i, value] of values.entries()) {
      await bench.source.query('UPDATE address SET address_line_1 = $1, city = $1, phone = $1 WHERE address_id = $2', [
        value,
        1 + (i % 20),
      ]);
      await bench.source.query('UPDATE staff SET first_name = $1, email_address = $1 WHERE staff_id = $2', [
        value,
        1 + (i % 15),
      ]);
      await bench.source.query('UPDATE design SET design_name = $1, file_name = $1 WHERE design_id = $2', [
        value,
        1 + i,
      ]);
      await bench.source.query('UPDATE counterparty SET counterparty_legal_name = $1 WHERE counterparty_id = $2', [
        value,
        1 + (i % 15),
      ]);
      await bench.source.query('UPDATE department SET department_name = $1, location = $1 WHERE department_id = $2', [
        value,
        1 + (i % 8),
      ]);
      await bench.source.query('UPDATE purchase_order SET item_code = $1 WHERE purchase_order_id = $2', [
        value,
        1 + (i % 3),
      ]);
      if (i % 6 === 5) {
        await run();
        await expectLevel('public', 'public');
      }
    }
    await run();
    await expectLevel('public', 'public');
  });
});

test('no object of the lake is outside its folders', async () => {
  expect((await readdir(bench.lake)).sort()).toEqual(['ingestion', 'processed']);
  expect((await readdir(join(bench.lake, 'ingestion'))).filter((name) => name !== '.tmp').sort()).toEqual([
    'log',
    'raw',
  ]);
});
