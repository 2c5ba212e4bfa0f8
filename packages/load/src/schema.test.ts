import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { facts, starTables, WarehouseMismatch, WarehouseRefused } from '@totes/core';
import type { Client } from 'pg';
import { firstVersion, sale, staff } from '../test/rows.ts';
import { TestLake } from '../test/testLake.ts';
import { TestWarehouse } from '../test/testWarehouse.ts';
import { retiredTables } from './retired.ts';
import { planSchema } from './schemaPlan.ts';
import { surveyWarehouse } from './survey.ts';

let warehouse: TestWarehouse;
let lake: TestLake;

beforeEach(async () => {
  warehouse = await TestWarehouse.create();
  lake = new TestLake();
  await lake.commit(firstVersion);
});
afterEach(() => warehouse.drop());

/** What a load would change in the schema now. */
async function plan(schema = 'public') {
  const survey = await surveyWarehouse(await warehouse.database.connect(), schema);
  return planSchema(survey.schema, survey.relations);
}
const upToDate = { before: [], after: [] };

describe('the schema that a load makes', () => {
  beforeEach(() => warehouse.load(lake));

  test('is what the declaration says: there is nothing left to do', async () => {
    expect(await plan()).toEqual(upToDate);
  });

  test('has keys, indexes, views and comments', async () => {
    const query = (sql: string) => warehouse.text(sql);
    expect(
      await query(
        "SELECT count(*), count(DISTINCT conrelid) FROM pg_constraint WHERE contype = 'f' AND confdeltype = 'a'",
      ),
    ).toEqual(['24|3']);
    expect(
      await query(
        `SELECT pg_get_constraintdef(oid) FROM pg_constraint
         WHERE conrelid = 'fact_payment'::regclass AND contype IN ('p', 'f') ORDER BY 1`,
      ),
    ).toEqual([
      'FOREIGN KEY (counterparty_id) REFERENCES dim_counterparty(counterparty_id)',
      'FOREIGN KEY (created_date) REFERENCES dim_date(date_id)',
      'FOREIGN KEY (currency_id) REFERENCES dim_currency(currency_id)',
      'FOREIGN KEY (last_updated_date) REFERENCES dim_date(date_id)',
      'FOREIGN KEY (payment_date) REFERENCES dim_date(date_id)',
      'FOREIGN KEY (payment_type_id) REFERENCES dim_payment_type(payment_type_id)',
      'FOREIGN KEY (transaction_id) REFERENCES dim_transaction(transaction_id)',
      'PRIMARY KEY (payment_record_id)',
    ]);
    expect(
      await query("SELECT indexdef FROM pg_indexes WHERE tablename = 'fact_payment' AND indexname LIKE '%idx'"),
    ).toEqual([
      'CREATE INDEX fact_payment_payment_id_payment_record_id_idx ON public.fact_payment USING btree (payment_id, payment_record_id)',
    ]);
    expect(await query("SELECT viewname FROM pg_views WHERE schemaname = 'public' ORDER BY 1")).toEqual(
      facts.map(({ currentView }) => currentView).sort(),
    );
    const retiredComments = retiredTables.length * (1 + 4);
    const starComments = starTables.flatMap(({ columns }) => columns).length + starTables.length + facts.length;
    const commented = starComments + retiredComments;
    expect(
      await query(
        "SELECT count(*) FROM pg_description WHERE classoid = 'pg_class'::regclass AND objoid >= 16384 AND objoid NOT IN (SELECT oid FROM pg_class WHERE relnamespace = 'etl'::regnamespace)",
      ),
    ).toEqual([String(commented)]);
    expect(
      await query(
        `SELECT col_description('dim_staff'::regclass, 4), col_description('dim_date'::regclass, 5),
           col_description('fact_sales_order'::regclass, 3), obj_description('fact_sales_order'::regclass)`,
      ),
    ).toEqual([
      'department.department_name of the row that staff.department_id points at|ISO 8601: 1 is Monday, 7 is Sunday|' +
        'the date of sales_order.created_at|' +
        'One row for each version of a sales_order of totesys; current_sales_order shows the versions in force.',
    ]);
  });

  test('refuses record keys that do not come from the database', async () => {
    await expect(warehouse.database.query('INSERT INTO fact_payment (payment_record_id) VALUES (7)')).rejects.toThrow(
      /cannot insert .*into column "payment_record_id"/,
    );
  });

  test.each([
    ['a view', 'DROP VIEW current_payment'],
    ['an index', 'DROP INDEX fact_payment_payment_id_payment_record_id_idx'],
    ['a foreign key', 'ALTER TABLE fact_payment DROP CONSTRAINT fact_payment_payment_date_fkey'],
  ])('gets %s back that was dropped, with the next run', async (_, sql) => {
    await warehouse.database.query(sql);
    expect(await plan()).not.toEqual(upToDate);
    expect(await warehouse.load(lake)).toMatchObject({ version: 1, versions: [] });
    expect(await plan()).toEqual(upToDate);
  });

  test('may have foreign keys, indexes and comments that it was not declared with', async () => {
    await warehouse.database.query(`
      CREATE TABLE extra (id integer PRIMARY KEY);
      ALTER TABLE dim_staff ADD CONSTRAINT extra FOREIGN KEY (staff_id) REFERENCES extra NOT VALID;
      CREATE INDEX ON dim_staff (lower(last_name)) WHERE location IS NULL;
      CREATE INDEX ON fact_payment (abs(payment_id), payment_record_id);
      COMMENT ON TABLE fact_payment IS 'ours'`);
    expect(await plan()).toEqual(upToDate);
  });

  test('keeps the order of columns that it finds', async () => {
    await warehouse.database.query(`
      DROP TABLE dim_payment_type CASCADE;
      CREATE TABLE dim_payment_type (payment_type_name text NOT NULL, payment_type_id integer PRIMARY KEY);
      TRUNCATE fact_sales_order, fact_purchase_order, fact_payment, dim_date, dim_staff, dim_location, dim_currency,
        dim_exchange_rate, dim_design, dim_counterparty, dim_transaction`);
    expect(await warehouse.load(lake)).toMatchObject({ versions: [1] });
    expect(await warehouse.text('SELECT * FROM dim_payment_type')).toEqual(['SALES_RECEIPT|1']);
  });
});

describe('a new column in the declaration', () => {
  beforeEach(() => warehouse.load(lake));

  test('is added to table and view where it may be NULL', async () => {
    await warehouse.database.query('ALTER TABLE dim_staff DROP COLUMN location');
    await lake.commit({ dim_staff: [staff({ staff_id: '2', location: 'Leeds' })] });
    expect(await warehouse.load(lake)).toMatchObject({ versions: [2] });
    expect(await warehouse.text('SELECT staff_id, location FROM dim_staff ORDER BY 1')).toEqual(['1|∅', '2|Leeds']);
    expect(await warehouse.text("SELECT col_description('dim_staff'::regclass, 7)")).toEqual([
      'department.location of the row that staff.department_id points at',
    ]);
    expect(await plan()).toEqual(upToDate);
  });

  test('is shown by a view that lacks it', async () => {
    await warehouse.database.query(`
      DROP VIEW current_sales_order;
      CREATE VIEW current_sales_order AS SELECT sales_record_id, sales_order_id FROM fact_sales_order`);
    await lake.commit({ fact_sales_order: [sale({ units_sold: '1' })] });
    await warehouse.load(lake);
    expect(await warehouse.text('SELECT units_sold FROM current_sales_order')).toEqual(['1']);
  });
});

describe('tables that are not as declared are refused, all differences at once', () => {
  test.each([
    ['DROP COLUMN first_name', 'dim_staff.first_name: expected text not null, found no such column'],
    ['ADD COLUMN shoe_size integer', 'dim_staff.shoe_size: expected no such column, found integer'],
    [
      'ALTER first_name TYPE varchar(40)',
      'dim_staff.first_name: expected text not null, found character varying(40) not null',
    ],
    ['ALTER first_name DROP NOT NULL', 'dim_staff.first_name: expected text not null, found text'],
    ['ALTER location SET NOT NULL', 'dim_staff.location: expected text, found text not null'],
    ['DROP CONSTRAINT dim_staff_pkey CASCADE', 'dim_staff: expected primary key staff_id, found none'],
  ])('ALTER TABLE dim_staff %s', async (change, difference) => {
    await warehouse.load(lake);
    await warehouse.database.query(`UPDATE dim_staff SET location = ''; ALTER TABLE dim_staff ${change}`);
    await expect(warehouse.load(lake)).rejects.toThrow(
      new WarehouseMismatch(
        `warehouse schema "public" is not as the star is declared: ${difference}. Change it, or load into another schema`,
      ),
    );
  });

  test('before anything is made', async () => {
    await warehouse.database.query(`
      CREATE TABLE fact_payment (payment_record_id serial PRIMARY KEY);
      CREATE VIEW dim_date AS SELECT 1 AS year;
      CREATE TABLE current_payment ()`);
    const error = await warehouse.load(lake).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(WarehouseMismatch);
    expect(String(error)).toContain(
      'dim_date is not a table; fact_payment.payment_record_id: expected bigint generated',
    );
    expect(String(error)).toContain(
      'found integer not null; fact_payment.payment_id: expected integer not null, found no',
    );
    expect(String(error)).toContain('current_payment is not a view.');
    expect(await warehouse.text("SELECT nspname FROM pg_namespace WHERE nspname = 'etl'")).toEqual([]);
  });
});

describe('with few rights', () => {
  const role = `loader_${process.pid}_${Math.floor(performance.timeOrigin)}`;
  let client: Client;
  beforeEach(async () => {
    await warehouse.database.query(`CREATE ROLE ${role}`);
    client = await warehouse.database.connect();
    await client.query(`SET ROLE ${role}`);
  });
  afterEach(() => warehouse.database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`));

  test('no right to make a schema: says which statement an owner has to run, and that suffices', async () => {
    for (const schema of ['my star', 'etl']) {
      const error = await warehouse
        .load(lake, { warehouse: client, schema: 'my star' })
        .catch((error: unknown) => error);
      expect(error).toBeInstanceOf(WarehouseRefused);
      const [, statement] =
        /has no schema "(?:my star|etl)" and user "loader.* may not create it: let an owner of the database run (.*)$/.exec(
          (error as Error).message,
        )!;
      expect(statement).toBe(`CREATE SCHEMA "${schema}" AUTHORIZATION "${role}"`);
      await warehouse.database.query(statement!);
    }
    expect(await warehouse.load(lake, { warehouse: client, schema: 'my star' })).toMatchObject({ versions: [1] });
  });

  test('no right to make tables', async () => {
    await warehouse.database.query(
      `CREATE SCHEMA etl AUTHORIZATION ${role}; REVOKE CREATE ON SCHEMA public FROM PUBLIC`,
    );
    const error = await warehouse.load(lake, { warehouse: client }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(WarehouseRefused);
    expect(String(error)).toContain('loading version 1 into schema "public": permission denied for schema public');
  });

  test('tables that another made: the right to read and write rows suffices', async () => {
    const empty = new TestLake();
    await empty.commit({});
    await warehouse.load(empty);
    await warehouse.database.query(`
      DELETE FROM etl.load_log;
      GRANT USAGE ON SCHEMA public, etl TO ${role};
      GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO ${role};
      GRANT SELECT, INSERT, DELETE ON ALL TABLES IN SCHEMA etl TO ${role}`);
    expect(await warehouse.load(lake, { warehouse: client })).toMatchObject({ versions: [1] });
    await lake.commit({ dim_staff: [staff({ first_name: 'Grace' })], fact_sales_order: [sale({ units_sold: '1' })] });
    expect(await warehouse.load(lake, { warehouse: client })).toMatchObject({ versions: [2], warnings: 1 });
    await warehouse.database.query(`TRUNCATE ${starTables.map(({ name }) => name).join()}`);
    expect(await warehouse.load(lake, { warehouse: client })).toMatchObject({ versions: [1, 2] });
  });
});
