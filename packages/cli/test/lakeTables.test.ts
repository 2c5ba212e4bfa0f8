import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  duckDbSchemas,
  duckDbScript,
  facts,
  objectColumns,
  objectsQuery,
  objectsTable,
  openLake,
  starTables,
  starViews,
  type Fact,
  type Lake,
  type StarTable,
} from '@totes/core';
import { transform } from '@totes/transform';
import { simulate } from '../src/sampleData/simulate.ts';
import { openDuckDb, type DuckDb } from './duckdb.ts';
import { openBench, totes, type Bench } from './pipelineTest.ts';

/**
 * The lake as tables, in two ways: the script with the paths put in, and the query of the log that Athena has. Both must
 * show what the warehouse holds, whatever lies in the lake that no version names.
 */

let bench: Bench;
let lake: Lake;
let processed: string;

/** A history with all that a reader has to get right: rows sent again, deleted ones, late ones, a dimension that changes. */
beforeAll(async () => {
  bench = await openBench(40);
  const { source } = bench;
  await source.query(`ALTER TABLE sales_order DROP CONSTRAINT sales_order_design_id_fkey`);
  await bench.run();
  await source.query('UPDATE sales_order SET design_id = 9001 WHERE sales_order_id = 7');
  await simulate({ url: source.url, days: 1 });
  await bench.run();
  const open = await source.connect();
  await open.query('BEGIN; CREATE TEMPORARY TABLE keeps_a_transaction_id ()');
  await source.query('UPDATE sales_order SET units_sold = units_sold + 1 WHERE sales_order_id IN (5, 6)');
  await bench.run();
  await source.query('UPDATE sales_order SET units_sold = units_sold + 1 WHERE sales_order_id = 9');
  await source.query('UPDATE sales_order SET design_id = 1 WHERE sales_order_id = 7');
  await bench.run();
  await open.query('ROLLBACK');
  // The payment will be there again as it was, which makes it a further row of history.
  await source.query('CREATE TEMPORARY TABLE kept AS SELECT * FROM payment WHERE payment_id = 3');
  await source.query('DELETE FROM payment WHERE payment_id = 3');
  await source.query('INSERT INTO currency (currency_id, currency_code) VALUES (99, $1)', ['CHF']);
  await bench.run();
  await source.query('DELETE FROM currency WHERE currency_id = 99');
  const places = ['--source', source.url, '--warehouse', bench.warehouse.url, '--lake', bench.lake];
  await totes('verify', ...places, '--heal');
  await source.query(`INSERT INTO design (design_id, design_name, file_location, file_name)
    VALUES (9001, 'Late', '/late', 'late.json')`);
  await totes('quarantine', 'retry', ...places);
  await bench.run();
  await source.query('INSERT INTO payment SELECT * FROM kept');
  await bench.run();
  lake = await openLake(bench.lake);
  processed = join(bench.lake, 'processed');
  // What a run leaves that was killed before its commit, or lost the race for it.
  const orphan = (await lake.processed.log.read(1)).tables.fact_sales_order![0]!.key;
  await copyFile(join(processed, orphan), join(processed, orphan.replace(/[0-9a-f]{12}[.]/, '000000000000.')));
});
afterAll(() => bench.close());

/** Makes the processed log anew, in force or not, compacted as often as is said. */
async function rebuild(runId: string, compactAfter: number, isPublished: boolean): Promise<void> {
  const { raw } = lake;
  const next = await lake.processed.log.nextGeneration(runId);
  const bucket = { store: lake.processed.store, log: next.log };
  await transform({ raw, processed: bucket, runId, codeVersion: 'test', now: () => new Date(0), compactAfter });
  if (isPublished) expect(await next.publish()).toBe(true);
  lake = await openLake(bench.lake);
}

/** As somebody with DuckDB would. */
async function withScript(duckdb: DuckDb): Promise<void> {
  const { out } = await totes('sql', '--lake', bench.lake);
  await duckdb.query(out.join('\n'));
}

const mapType = 'MAP(VARCHAR, STRUCT("key" VARCHAR, version BIGINT)[])';

/** As Athena: all that lies there, and the log asked in SQL what of it counts. */
async function withTheLogAsked(duckdb: DuckDb): Promise<void> {
  const all = (await readdir(processed, { recursive: true })).filter((file) => file.endsWith('.parquet'));
  const { views, objects } = duckDbSchemas;
  await duckdb.query(`CREATE SCHEMA ${objects}; CREATE VIEW ${objects}.log AS SELECT * FROM
    read_json('${processed}/log/**/*.json', filename = '$path', columns = {kind: 'VARCHAR', version: 'BIGINT',
      folder: 'VARCHAR', tables: '${mapType}', late: '${mapType}', deleted: '${mapType}',
      compacted: 'STRUCT("to" BIGINT, tables ${mapType}, late ${mapType}, deleted ${mapType})'})`);
  for (const table of starTables) {
    const files = all.filter((file) => /^(star|compacted)/.test(file) && file.includes(`/${table.name}/`));
    await duckdb.query(
      objectsTable(
        duckDbSchemas,
        table,
        files.map((file) => join(processed, file)),
      ),
    );
  }
  const query = objectsQuery(duckDbSchemas, `${processed}/`, 'duckdb');
  await duckdb.query(`CREATE VIEW ${views}.lake_objects AS ${query}`);
  for (const { name, sql } of starViews(duckDbSchemas)) await duckdb.query(`CREATE VIEW ${views}.${name} AS ${sql}`);
}

/** Asks each view once: what follows looks at what it gave. */
async function keep(duckdb: DuckDb): Promise<void> {
  await duckdb.query('CREATE SCHEMA kept');
  const views = ['lake_objects', ...starViews(duckDbSchemas).map(({ name }) => name)];
  for (const name of views) await duckdb.query(`CREATE TABLE kept.${name} AS SELECT * FROM main.${name}`);
  await duckdb.query('USE kept');
}

/** A numeric as PostgreSQL wrote it: its exact text where the lake has one, else the decimal with two digits or more. */
const cell = (table: StarTable, { name, type }: StarTable['columns'][number], inLake: boolean): string =>
  type.kind === 'numeric' && inLake
    ? `coalesce("${name}_exact", regexp_replace("${name}"::VARCHAR, '(\\.\\d\\d\\d*?)0+$', '\\1'))`
    : `CAST("${table.name}"."${name}" AS VARCHAR)`;

const cells = (table: StarTable, inLake: boolean, from: string, ...further: readonly string[]): string =>
  `SELECT ${[...table.columns.map((column) => `${cell(table, column, inLake)} AS "${column.name}"`), ...further].join(', ')}
   FROM ${from} AS "${table.name}"`;

const sorted = (rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

const isCurrent = ({ name, currentView, recordKey }: Fact): string =>
  `CAST(EXISTS (SELECT FROM ${currentView} WHERE ${currentView}.${recordKey} = ${name}.${recordKey}) AS VARCHAR) AS in_force`;

/** That all tables of the lake hold what those of the warehouse do. */
async function expectTheWarehouse(duckdb: DuckDb): Promise<void> {
  for (const table of starTables) {
    const lakeFlag = table.kind === 'fact' ? 'in_force' : table.source === undefined ? undefined : 'deleted';
    const warehouseFlag =
      table.kind === 'fact'
        ? isCurrent(table)
        : `CAST(EXISTS (SELECT FROM ${table.name.replace('dim_', 'retired_')} gone
             WHERE gone.${table.key} = "${table.name}".${table.key}) AS VARCHAR) AS deleted`;
    const inLake = cells(table, true, table.name, ...(lakeFlag ? [`CAST(${lakeFlag} AS VARCHAR) AS ${lakeFlag}`] : []));
    const inWarehouse = cells(table, false, table.name, ...(lakeFlag ? [warehouseFlag] : []));
    expect([table.name, sorted(await duckdb.query(inLake))]).toEqual([
      table.name,
      sorted(await bench.warehouse.query(inWarehouse)),
    ]);
  }
  for (const fact of facts) {
    const current = (isLake: boolean): string => cells(fact, isLake, fact.currentView);
    expect(sorted(await duckdb.query(current(true)))).toEqual(sorted(await bench.warehouse.query(current(false))));
  }
}

/** All rows with their versions. */
async function versions(duckdb: DuckDb): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const table of starTables) {
    const columns = [...objectColumns(table).map(({ name }) => `"${name}"`), 'version'].join(', ');
    all[table.name] = sorted(await duckdb.query(`SELECT ${columns} FROM ${table.name}`));
  }
  return all;
}

/** That both ways lead to the warehouse, by the same objects; gives the rows with their versions. */
async function expectBothWays(): Promise<Record<string, string[]>> {
  const found: { rows: Record<string, string[]>; objects: string[] }[] = [];
  for (const prepare of [withScript, withTheLogAsked]) {
    const duckdb = await openDuckDb();
    try {
      await prepare(duckdb);
      await keep(duckdb);
      await expectTheWarehouse(duckdb);
      const objects = sorted(await duckdb.query('SELECT * FROM lake_objects'));
      found.push({ rows: await versions(duckdb), objects });
    } finally {
      duckdb.close();
    }
  }
  expect(found[1]).toEqual(found[0]);
  return found[0]!.rows;
}

test('the tables of the lake are those of the warehouse, before and after it was compacted', async () => {
  const head = await lake.processed.log.head();
  const late = await Promise.all(Array.from({ length: head }, (_, i) => lake.processed.log.read(i + 1)));
  expect(late.flatMap((manifest) => Object.keys(manifest.late ?? {}))).toEqual(['fact_sales_order']);
  expect(late.flatMap((manifest) => Object.keys(manifest.deleted ?? {})).sort()).toEqual([
    'dim_currency',
    'fact_payment',
  ]);
  const before = await expectBothWays();
  // Logs that were rebuilt, each with compacted objects of its own: one is replaced, one never took its place.
  await rebuild('every', 1, true);
  await rebuild('lost', 2, false);
  await rebuild('third', 3, true);
  expect(await expectBothWays()).toEqual(before);
  expect((await lake.processed.log.read(head)).compaction).toMatchObject({ to: head - (head % 3) });
});

test('a lake without a version has its tables, empty', async () => {
  const duckdb = await openDuckDb();
  await duckdb.query(duckDbScript('/nowhere', []));
  for (const { name, columns } of starViews(duckDbSchemas)) {
    const described = await duckdb.query(`DESCRIBE ${name}`);
    expect(described.map(({ column_name }) => column_name)).toEqual(columns.map((column) => column.name));
    expect(await duckdb.query(`SELECT * FROM ${name}`)).toEqual([]);
  }
  duckdb.close();
});
