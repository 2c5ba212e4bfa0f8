import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SourceRefused, SourceSchemaDrift } from '@totes/core';
import { createTotesys, department, type Totesys } from '../test/totesys.ts';

let totesys: Totesys;
beforeEach(async () => (totesys = await createTotesys()));
afterEach(() => totesys.drop());

const query = (sql: string): Promise<unknown> => totesys.database.query(sql);

/** Runs `work` with a role that may log in and nothing else, its password its name. */
async function withRole(work: (role: string) => Promise<void>): Promise<void> {
  const [row] = await totesys.database.query<{ role: string }>(
    "SELECT 'reader_' || oid AS role FROM pg_database WHERE datname = current_database()",
  );
  const role = row!.role;
  await query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
  try {
    await work(role);
  } finally {
    await query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  }
}

const grantAll = (role: string): Promise<unknown> => query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`);

async function nothingCommitted(): Promise<void> {
  expect(await totesys.store.list('')).toEqual([]);
}

test('every table or column that is missing or has another type is named at once, and nothing is written', async () => {
  await query(`${department(1, 'one')};
    DROP TABLE payment;
    ALTER TABLE staff DROP COLUMN email_address;
    ALTER TABLE sales_order ALTER units_sold TYPE numeric, ALTER unit_price TYPE double precision;
    ALTER TABLE design ALTER last_updated TYPE timestamptz;
    ALTER TABLE currency RENAME COLUMN currency_code TO code`);
  const failed = totesys.ingest();
  await expect(failed).rejects.toThrow(SourceSchemaDrift);
  await expect(failed).rejects.toThrow(
    'schema "public" is not what the star needs: ' +
      'column staff.email_address is missing, expected text, found no other column; ' +
      'column currency.currency_code is missing, expected text, found in its place code; ' +
      'column design.last_updated is timestamp with time zone, expected timestamp without time zone; ' +
      'column sales_order.units_sold is numeric, expected smallint or integer or bigint; ' +
      'column sales_order.unit_price is double precision, expected numeric or smallint or integer or bigint; ' +
      'table payment is missing',
  );
  await nothingCommitted();
});

test('what stands in the place of a table is named', async () => {
  await query(`${department(1, 'one')};
    ALTER TABLE department RENAME TO department_v2; CREATE VIEW department AS TABLE department_v2;
    DROP TABLE staff; CREATE MATERIALIZED VIEW staff AS SELECT 1 AS staff_id;
    ALTER TABLE currency RENAME TO old_currency;
    CREATE TABLE money (LIKE old_currency) PARTITION BY LIST (currency_id);
    CREATE TABLE currency PARTITION OF money DEFAULT;
    DROP TABLE design; CREATE FOREIGN DATA WRAPPER elsewhere; CREATE SERVER far FOREIGN DATA WRAPPER elsewhere;
    CREATE FOREIGN TABLE design (design_id int) SERVER far;
    DROP TABLE payment`);
  const failed = totesys.ingest();
  await expect(failed).rejects.toThrow(SourceSchemaDrift);
  const why = "expected a table: only a table's own rows tell which of them changed";
  await expect(failed).rejects.toThrow(
    `department is a view, ${why}; staff is a materialized view, ${why}; ` +
      `currency is a partition of another table, ${why}; design is a foreign table, ${why}; table payment is missing`,
  );
  await nothingCommitted();
});

test('types that read as exactly the same values are fine', async () => {
  await query(`CREATE DOMAIN money_amount AS numeric(12,2); CREATE DOMAIN price AS money_amount;
    CREATE TYPE kind AS ENUM ('SALE', 'PURCHASE'); CREATE EXTENSION citext;
    ALTER TABLE staff ALTER email_address TYPE citext;
    ALTER TABLE sales_order ALTER units_sold TYPE smallint, ALTER design_id TYPE bigint, ALTER unit_price TYPE price,
      ALTER agreed_payment_date TYPE varchar(10), ALTER last_updated TYPE timestamp(3);
    ALTER TABLE purchase_order ALTER item_unit_price TYPE int;
    ALTER TABLE transaction ALTER transaction_type TYPE kind USING transaction_type::kind`);
  await totesys.ingest();
  const { columns } = (await totesys.raw.log.read(1)).tables.sales_order!;
  expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual(
    expect.arrayContaining([
      'units_sold smallint',
      'unit_price public.price',
      'agreed_payment_date character varying(10)',
      'last_updated timestamp(3) without time zone',
    ]),
  );
  expect(columns[0]).toEqual({ name: 'sales_order_id', type: 'integer', nullable: false, number: 1 });
});

test('a role with SELECT alone is enough', async () => {
  await query(department(1, 'one'));
  await withRole(async (role) => {
    await grantAll(role);
    const result = await totesys.ingest({ source: await totesys.connect(role) });
    expect(result).toMatchObject({ committed: true, read: { department: 1 }, notices: [] });
    const { source } = await totesys.raw.log.read(1);
    expect(source).toMatchObject({ timeline: 1, schema: 'public' });
    expect(source.systemIdentifier).toMatch(/^\d+$/);
    expect(await totesys.ingest()).toMatchObject({ committed: false });
  });
});

test('a table of the star that may not be read is refused by name', async () => {
  await withRole(async (role) => {
    await grantAll(role);
    await query(`REVOKE SELECT ON staff, payment FROM ${role}`);
    const failed = totesys.ingest({ source: await totesys.connect(role) });
    await expect(failed).rejects.toThrow(SourceRefused);
    await expect(failed).rejects.toThrow(/no right to read table payment: GRANT SELECT ON "public"."payment".*staff/);
    await nothingCommitted();
  });
});

test('any other table that may not be read is left out with a notice', async () => {
  await query('CREATE TABLE secret (secret_id int); CREATE TABLE hidden (hidden_id int)');
  await withRole(async (role) => {
    await grantAll(role);
    await query(`REVOKE SELECT ON secret FROM ${role}; ALTER TABLE hidden ENABLE ROW LEVEL SECURITY`);
    const { notices } = await totesys.ingest({ source: await totesys.connect(role) });
    expect(notices).toEqual([
      expect.stringMatching(/^not archived: row-level security hides rows of table hidden/),
      expect.stringMatching(/^not archived: no right to read table secret/),
    ]);
    const { tables } = await totesys.raw.log.read(1);
    expect(Object.keys(tables)).not.toEqual(expect.arrayContaining(['secret']));
    expect(Object.keys(tables)).not.toEqual(expect.arrayContaining(['hidden']));
  });
});

test('a row-level security policy is an error, never a filter', async () => {
  await query(`${department(1, 'one')}; ALTER TABLE department ENABLE ROW LEVEL SECURITY`);
  await withRole(async (role) => {
    await grantAll(role);
    await query('CREATE POLICY none ON department USING (false)');
    const source = await totesys.connect(role);
    await expect(totesys.ingest({ source })).rejects.toThrow(/row-level security hides rows of table department/);
    await expect(totesys.ingest({ source })).rejects.toThrow(SourceRefused);
    await nothingCommitted();
    await query(`ALTER ROLE ${role} BYPASSRLS`);
    expect(await totesys.ingest({ source })).toMatchObject({ read: { department: 1 } });
  });
});

test('a schema that is not there and one that may not be used are told apart', async () => {
  await expect(totesys.ingest({ options: { format: 'csv', schema: 'shop' } })).rejects.toThrow(SourceSchemaDrift);
  await expect(totesys.ingest({ options: { format: 'csv', schema: 'shop' } })).rejects.toThrow('has no schema "shop"');
  await query('CREATE SCHEMA shop');
  await withRole(async (role) => {
    const refused = totesys.ingest({ source: await totesys.connect(role), options: { format: 'csv', schema: 'shop' } });
    await expect(refused).rejects.toThrow(`GRANT USAGE ON SCHEMA "shop" TO "${role}"`);
    await expect(refused).rejects.toThrow(SourceRefused);
  });
});

test('tables of another schema than public are read from there', async () => {
  await query(`${department(1, 'public')}; CREATE SCHEMA "the shop"`);
  await query(
    `DO $$ DECLARE name text; BEGIN FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
       EXECUTE format('ALTER TABLE public.%I SET SCHEMA "the shop"', name); END LOOP; END $$`,
  );
  const { read } = await totesys.ingest({ options: { format: 'json', schema: 'the shop' } });
  expect(read).toMatchObject({ department: 1 });
});
