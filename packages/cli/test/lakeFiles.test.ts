import { join } from 'node:path';
import { openLake, starTables, type ProcessedManifest, type StarTable } from '@totes/core';
import { simulate } from '../src/sampleData/simulate.ts';
import { openDuckDb, type DuckDb } from './duckdb.ts';
import { openBench, type Bench } from './pipelineTest.ts';

/** DuckDB reads the Parquet of the lake by the paths that the log names, and must find what the warehouse has. */

let bench: Bench;
let duckdb: DuckDb;
let manifests: ProcessedManifest[];

beforeAll(async () => {
  [bench, duckdb] = await Promise.all([openBench(200), openDuckDb()]);
  await bench.source.query(`UPDATE purchase_order SET item_unit_price = CASE purchase_order_id
    WHEN 1 THEN 12.5 WHEN 2 THEN 1.0000000001 WHEN 3 THEN 1e30 WHEN 4 THEN 0.00000000000001 WHEN 5 THEN 7 ELSE -3.140 END
    WHERE purchase_order_id <= 6`);
  await bench.source.query(`UPDATE sales_order SET created_at = '2024-02-29 23:59:59.999' WHERE sales_order_id = 1`);
  await bench.run();
  for (let day = 0; day < 3; day++) {
    await simulate({ url: bench.source.url, days: 1 });
    await bench.run();
  }
  const { log } = (await openLake(bench.lake)).processed;
  const head = await log.head();
  manifests = await Promise.all(Array.from({ length: head }, (_, i) => log.read(i + 1)));
});
afterAll(async () => {
  duckdb.close();
  await bench.close();
});

const quoted = (texts: readonly string[]): string => texts.map((text) => `'${text}'`).join(', ');

/** SQL for the rows that a version has of a table, or all versions. */
function parquet(table: StarTable, versions = manifests): string {
  const objects = versions.flatMap(({ tables }) => tables[table.name] ?? []);
  return `read_parquet([${quoted(objects.map(({ key }) => join(bench.lake, 'processed', key)))}])`;
}

/** The tables that have rows: exchange rates come from elsewhere. */
const filled = starTables.filter(({ name }) => name !== 'dim_exchange_rate');

/** What DuckDB is to call the type that a column has in the warehouse. */
const duckDbType = (type: string): string =>
  ({ text: 'VARCHAR', 'time without time zone': 'TIME', numeric: 'DECIMAL(38,10)' })[type] ??
  type.replace('numeric', 'decimal').toUpperCase();

test.each(filled)('$name has the columns of the warehouse, types and nullability included', async (table) => {
  const columns = await bench.warehouse.query<{ name: string; type: string; nullable: boolean }>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, NOT attnotnull AS nullable FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' ORDER BY attnum`,
    [table.name],
  );
  const expected = columns.flatMap(({ name, type, nullable }) => {
    const isNumeric = type === 'numeric';
    const column = { name, type: duckDbType(type), repetition: nullable || isNumeric ? 'OPTIONAL' : 'REQUIRED' };
    const exact = { name: `${name}_exact`, type: 'VARCHAR', repetition: 'OPTIONAL' };
    return isNumeric ? [column, exact] : [column];
  });
  const described = await duckdb.query(`DESCRIBE SELECT * FROM ${parquet(table)}`);
  expect(described.map(({ column_name, column_type }) => [column_name, column_type])).toEqual(
    expected.map(({ name, type }) => [name, type]),
  );
  const objects = parquet(table).replace('read_parquet', 'parquet_schema');
  const schema = await duckdb.query(
    `SELECT DISTINCT name, repetition_type FROM ${objects} WHERE repetition_type IS NOT NULL AND num_children IS NULL`,
  );
  expect(new Map(schema.map(({ name, repetition_type }) => [name, repetition_type]))).toEqual(
    new Map(expected.map(({ name, repetition }) => [name, repetition])),
  );
});

/** A numeric as PostgreSQL wrote it: its exact text where the lake has one, else the decimal with two digits or more. */
const numericText = (name: string): string =>
  `coalesce("${name}_exact", regexp_replace("${name}"::VARCHAR, '(\\.\\d\\d\\d*?)0+$', '\\1'))`;

/** Each row of a relation as texts, for PostgreSQL or DuckDB. */
const rowsOf = (table: StarTable, relation: string, numeric: (name: string) => string): string =>
  `SELECT ${table.columns
    .map(({ name, type }) => `${type.kind === 'numeric' ? numeric(name) : `CAST("${name}" AS VARCHAR)`} AS "${name}"`)
    .join(', ')} FROM ${relation}`;

test.each(filled)('$name has the rows of the warehouse, value for value', async (table) => {
  const newest =
    table.kind === 'fact'
      ? parquet(table)
      : // A version has a key once, so the newest version that has one has it as it is.
        `(FROM (${manifests
          .filter(({ tables }) => tables[table.name] !== undefined)
          .map((manifest) => `SELECT *, ${manifest.version} AS v FROM ${parquet(table, [manifest])}`)
          .join(' UNION ALL ')}) QUALIFY row_number() OVER (PARTITION BY ${table.key} ORDER BY v DESC) = 1)`;
  const inLake = await duckdb.query(rowsOf(table, newest, numericText));
  const inWarehouse = await bench.warehouse.query(rowsOf(table, table.name, (name) => `CAST("${name}" AS VARCHAR)`));
  const sorted = (rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
  expect(inLake.length).toBeGreaterThan(0);
  expect(sorted(inLake)).toEqual(sorted(inWarehouse));
});

test.each(filled)('$name has one row group an object, with statistics for every column', async (table) => {
  const objects = parquet(table).replace('read_parquet', 'parquet_metadata');
  const chunks =
    await duckdb.query(`SELECT DISTINCT row_group_id, compression, num_values = row_group_num_rows AS whole,
    stats_null_count = num_values OR (stats_min_value IS NOT NULL AND stats_max_value IS NOT NULL) AS known FROM ${objects}`);
  expect(chunks).toEqual([{ row_group_id: '0', compression: 'ZSTD', whole: 'true', known: 'true' }]);
});
