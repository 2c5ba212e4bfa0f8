import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ConfigInvalid, SourceSchemaDrift } from '@totes/core';
import { createTotesys, department, olderBucket, type Totesys } from '../test/totesys.ts';

let totesys: Totesys;
beforeEach(async () => (totesys = await createTotesys()));
afterEach(() => totesys.drop());

const query = (sql: string): Promise<unknown> => totesys.database.query(sql);

const accepting = (...acceptNarrowed: string[]) => ({ options: { format: 'json', acceptNarrowed } }) as const;

const order = (price: string): string =>
  `INSERT INTO sales_order (sales_order_id, design_id, staff_id, counterparty_id, units_sold, unit_price, currency_id,
     agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id, created_at, last_updated)
   VALUES (1, 1, 1, 1, 1, ${price}, 1, '2026-01-01', '2026-01-01', 1, now(), now())`;

test('tables and columns that came or went are told once', async () => {
  await query('CREATE TABLE note (note_id int, text varchar(10), old int)');
  expect(await totesys.ingest()).toMatchObject({ notices: [] });
  await query(`CREATE TABLE draft (draft_id int); ALTER TABLE staff ADD COLUMN floor varchar(3);
    ALTER TABLE note DROP COLUMN old, ALTER COLUMN text TYPE varchar(5)`);
  expect(await totesys.ingest()).toMatchObject({
    committed: true,
    notices: [
      'table draft is new in the source, and archived from now on',
      'column note.text is character varying(5), at version 1 it was character varying(10)',
      'column note.old is gone from the source',
      'column staff.floor is new in the source, and archived: character varying(3)',
    ],
  });
  expect(await totesys.ingest()).toMatchObject({ committed: false, notices: [] });
  await query('DROP TABLE note');
  expect(await totesys.ingest()).toMatchObject({ notices: ['table note is gone from the source, or ignored now'] });
});

test('a table that may not be read any more is not called gone, nor new', async () => {
  await query("CREATE TABLE secret (secret_id int); CREATE ROLE drift_reader LOGIN PASSWORD 'drift_reader'");
  try {
    await query('GRANT SELECT ON ALL TABLES IN SCHEMA public TO drift_reader');
    const source = await totesys.connect('drift_reader');
    await totesys.ingest({ source });
    await query('REVOKE SELECT ON secret FROM drift_reader');
    const refused = [expect.stringMatching(/^not archived: no right to read table secret/)];
    expect(await totesys.ingest({ source })).toMatchObject({ version: 2, notices: refused });
    expect(await totesys.ingest({ source })).toMatchObject({ committed: false, notices: refused });
  } finally {
    await query('DROP OWNED BY drift_reader; DROP ROLE drift_reader');
  }
});

test('a wider type passes, its rows come again, and it is told', async () => {
  await query(`ALTER TABLE sales_order ALTER unit_price TYPE numeric(10,2), ALTER units_sold TYPE smallint,
      ALTER agreed_payment_date TYPE varchar(10), ALTER last_updated TYPE timestamp(3); ${order('12.50')}`);
  await totesys.ingest();
  await query(`ALTER TABLE sales_order ALTER unit_price TYPE numeric, ALTER units_sold TYPE bigint,
    ALTER agreed_payment_date TYPE text, ALTER last_updated TYPE timestamp`);
  const { version, notices } = await totesys.ingest();
  expect(notices).toEqual([
    'column sales_order.units_sold is bigint, at version 1 it was smallint',
    'column sales_order.unit_price is numeric, at version 1 it was numeric(10,2)',
    'column sales_order.agreed_payment_date is text, at version 1 it was character varying(10)',
    'column sales_order.last_updated is timestamp without time zone, at version 1 it was timestamp(3) without time zone',
  ]);
  expect(await totesys.rows(version, 'sales_order')).toMatchObject([{ unit_price: 12.5 }]);
});

test('a column that the star needs and that became narrower stops the run until it is accepted', async () => {
  await query(
    `ALTER TABLE sales_order ALTER unit_price TYPE numeric(12,4); ${order('12.3456')}; ${department(1, 'one')}`,
  );
  await totesys.ingest();
  const written = await totesys.store.list('');
  await query(`ALTER TABLE sales_order ALTER unit_price TYPE numeric(10,2);
    ALTER TABLE department ALTER department_name TYPE varchar(30), ALTER last_updated TYPE timestamp(3)`);
  for (const accepted of [[], ['department.department_name'], ['sales_order.unit_price', 'department.last_updated']]) {
    await expect(totesys.ingest(accepting(...accepted))).rejects.toThrow(SourceSchemaDrift);
  }
  await expect(totesys.ingest(accepting('department.department_name'))).rejects.toThrow(
    'schema "public", has columns that became narrower, so that values may have been rounded or cut, or that others replaced: ' +
      'column department.last_updated is timestamp(3) without time zone, expected timestamp without time zone as at ' +
      'version 1, or wider; ' +
      'column sales_order.unit_price is numeric(10,2), expected numeric(12,4) as at version 1, or wider; ' +
      'widen or rename them back, or accept what they hold now with ' +
      '--accept-narrowed department.last_updated --accept-narrowed sales_order.unit_price ' +
      '(ACCEPT_NARROWED=department.last_updated,sales_order.unit_price where the environment holds the settings)',
  );
  expect(await totesys.store.list('')).toEqual(written);
  const all = ['sales_order.unit_price', 'department.last_updated', 'department.department_name'];
  const { version, notices } = await totesys.ingest(accepting(...all));
  expect(notices).toContain(
    'column sales_order.unit_price is numeric(10,2), at version 1 it was numeric(12,4): accepted, though it is narrower',
  );
  expect(await totesys.rows(version, 'sales_order')).toMatchObject([{ unit_price: 12.35 }]);
  // From now on that is what is expected.
  expect(await totesys.ingest()).toMatchObject({ committed: false, notices: [] });
});

test('a domain is held by the type beneath it', async () => {
  await query('ALTER TABLE payment ALTER payment_amount TYPE numeric(10,2)');
  await totesys.ingest();
  await query(`CREATE DOMAIN amount AS numeric(12,2) CHECK (VALUE >= 0); CREATE DOMAIN small AS numeric(8,2);
    ALTER TABLE payment ALTER payment_amount TYPE amount`);
  expect(await totesys.ingest()).toMatchObject({
    notices: ['column payment.payment_amount is public.amount (numeric(12,2)), at version 1 it was numeric(10,2)'],
  });
  await query('ALTER TABLE payment ALTER payment_amount TYPE small');
  await expect(totesys.ingest()).rejects.toThrow(
    'column payment.payment_amount is public.small (numeric(8,2)), expected public.amount (numeric(12,2)) as at ' +
      'version 2, or wider',
  );
  await query('ALTER TABLE payment ALTER payment_amount TYPE numeric(14,2)');
  expect(await totesys.ingest()).toMatchObject({
    notices: ['column payment.payment_amount is numeric(14,2), at version 2 it was public.amount (numeric(12,2))'],
  });
});

test('a domain made anew over a narrower type is narrower, under the same name', async () => {
  await query('CREATE DOMAIN amount AS numeric(12,4); ALTER TABLE payment ALTER payment_amount TYPE amount');
  await totesys.ingest();
  await query(`ALTER TABLE payment ALTER payment_amount TYPE numeric; DROP DOMAIN amount;
    CREATE DOMAIN amount AS numeric(12,2); ALTER TABLE payment ALTER payment_amount TYPE amount`);
  await expect(totesys.ingest()).rejects.toThrow(
    'column payment.payment_amount is public.amount (numeric(12,2)), expected public.amount (numeric(12,4)) as at version 1',
  );
});

test('a domain of which an older release recorded the name alone is not called changed', async () => {
  await query('CREATE DOMAIN amount AS numeric(12,4); ALTER TABLE payment ALTER payment_amount TYPE amount');
  const raw = olderBucket('storedType');
  await totesys.ingest({ raw });
  expect(JSON.stringify(await raw.log.read(1))).not.toContain('storedType');
  expect(await totesys.ingest({ raw })).toMatchObject({ committed: false, notices: [] });
});

test.each<[string, string, string[], string]>([
  [
    'whose name another took',
    'ALTER TABLE sales_order RENAME unit_price TO list_price; ALTER TABLE sales_order ADD unit_price numeric NOT NULL DEFAULT 0',
    ['sales_order.unit_price'],
    'column sales_order.unit_price is another column of that name: number 13, numeric, expected number 6, numeric, as at ' +
      'version 1, which is called list_price now',
  ],
  [
    'dropped and added again',
    'ALTER TABLE address DROP district; ALTER TABLE address ADD district text',
    ['address.district'],
    'column address.district is another column of that name: number 11, text, expected number 4, text, as at version 1, ' +
      'which is gone',
  ],
  [
    'that changed names with another',
    `ALTER TABLE staff RENAME first_name TO name; ALTER TABLE staff RENAME last_name TO first_name;
     ALTER TABLE staff RENAME name TO last_name`,
    ['staff.last_name', 'staff.first_name'],
    'column staff.last_name is another column of that name: number 2, text, expected number 3, text, as at version 1, ' +
      'which is called first_name now; column staff.first_name is another column',
  ],
])('a column that the star needs and %s stops the run until it is accepted', async (_, sql, columns, problem) => {
  await query(`${order('12.50')}; ALTER TABLE staff ADD note text`);
  await totesys.ingest();
  const written = await totesys.store.list('');
  await query(`${sql}; ALTER TABLE staff DROP note, ADD note text, ADD more text`);
  await expect(totesys.ingest(accepting(...columns.slice(1)))).rejects.toThrow(SourceSchemaDrift);
  await expect(totesys.ingest()).rejects.toThrow(problem);
  await expect(totesys.ingest()).rejects.toThrow(columns.map((column) => `--accept-narrowed ${column}`).join(' '));
  expect(await totesys.store.list('')).toEqual(written);
  const { notices } = await totesys.ingest(accepting(...columns));
  expect(notices.filter((notice) => notice.endsWith(': accepted'))).toHaveLength(columns.length);
  expect(notices).toContainEqual(expect.stringMatching(/^column staff.note is another column of that name/));
  expect(await totesys.ingest()).toMatchObject({ committed: false, notices: [] });
});

test('a table in the place of another is told, and read whole', async () => {
  await query(`${department(1, 'one')}; ${department(2, 'two')}`);
  await totesys.ingest();
  await query(`ALTER TABLE department RENAME TO department_old;
    CREATE TABLE department (last_updated timestamp, created_at timestamp, manager text, location text,
      department_name text, department_id int PRIMARY KEY);
    INSERT INTO department SELECT last_updated, created_at, manager, location, department_name, department_id
    FROM department_old WHERE department_id = 1`);
  const result = await totesys.ingest();
  expect(result).toMatchObject({ version: 2, read: { department: 1 } });
  expect(result.notices).toEqual([
    'table department is another table of that name than at version 1: all its rows are read',
    'table department_old is new in the source, and archived from now on',
  ]);
  expect((await totesys.raw.log.read(2)).tables.department).toMatchObject({ capture: 'full' });
  expect(await totesys.ingest()).toMatchObject({ committed: false, notices: [] });
});

test('partitions that come and go leave a table the same', async () => {
  await query(`CREATE TABLE note (a int, b int) PARTITION BY RANGE (a); CREATE TABLE low PARTITION OF note DEFAULT`);
  await totesys.ingest();
  await query('DROP TABLE low; CREATE TABLE high PARTITION OF note DEFAULT');
  expect(await totesys.ingest()).toMatchObject({ committed: true, notices: [] });
});

test.each(['unit_price', 'sales_order.price', 'note.text', 'sales_order.', 'sales_order.constructor'])(
  'to accept %s is a wrong setting, in the first version too',
  async (column) => {
    const failed = totesys.ingest(accepting(column));
    await expect(failed).rejects.toThrow(ConfigInvalid);
    await expect(failed).rejects.toThrow(
      `columns accepted as narrowed or replaced: "${column}", expected TABLE.COLUMN`,
    );
    expect(await totesys.store.list('')).toEqual([]);
  },
);
