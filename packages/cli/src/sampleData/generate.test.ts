import { ConfigInvalid, SourceRefused, SourceUnavailable } from '@totes/core';
import { createDatabase, type TestDatabase } from '../../../../scripts/jest/database.ts';
import { fingerprint } from '../../test/fingerprint.ts';
import { generate, type GenerateProgress } from './generate.ts';
import { tableNames } from './totesys.ts';

const databases: TestDatabase[] = [];
async function empty(): Promise<TestDatabase> {
  const database = await createDatabase();
  databases.push(database);
  return database;
}
afterAll(() => Promise.all(databases.map((database) => database.drop())));

/** Roles belong to the server, which other tests use too. */
const roleFor = ({ url }: TestDatabase) => `reader_of_${new URL(url).pathname.slice(1)}`;

const tablesIn = (database: TestDatabase) =>
  database.query(`SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')`);

describe('a generated totesys of the usual size', () => {
  let database: TestDatabase;
  let rows: Record<string, number>;
  const told: GenerateProgress[] = [];
  beforeAll(async () => {
    database = await empty();
    rows = await generate({ url: database.url, onProgress: (progress) => told.push(progress) });
  });
  const one = async (sql: string) => (await database.query(sql))[0];

  test('has as many rows as it says, ten thousand sales by default', async () => {
    expect(rows).toMatchObject({ sales_order: 10_000, purchase_order: 5_000, transaction: 15_000, payment: 15_000 });
    expect(rows).toMatchObject({ department: 8, currency: 3, payment_type: 4 });
    for (const table of ['staff', 'counterparty']) expect(rows[table]).toBeGreaterThanOrEqual(20);
    expect(rows.address).toBeGreaterThanOrEqual(30);
    expect(rows.design).toBeGreaterThanOrEqual(300);
    for (const table of tableNames) {
      expect(await one(`SELECT count(*)::int AS rows FROM ${table}`)).toEqual({ rows: rows[table] });
    }
    expect(await one('SELECT count(*)::int AS rows FROM _prisma_migrations')).toEqual({ rows: 1 });
  });

  test('has told its progress, table by table, up to the last row', () => {
    expect([...new Set(told.map(({ table }) => table))]).toEqual(tableNames);
    expect(told.every(({ table, rows: done, total }) => total === rows[table] && done <= total)).toBe(true);
    expect(
      tableNames.every((name) => told.some(({ table, rows: done, total }) => table === name && done === total)),
    ).toBe(true);
  });

  test('has all its foreign keys, checked, and one transaction and one payment for each order', async () => {
    expect(
      await one(
        `SELECT count(*)::int AS keys FROM pg_constraint WHERE contype = 'f' AND convalidated AND conrelid::regclass::text NOT LIKE 'pg_%'`,
      ),
    ).toEqual({ keys: 17 });
    expect(
      await one(`SELECT count(DISTINCT sales_order_id)::int AS sales, count(DISTINCT purchase_order_id)::int AS purchases,
        count(*) FILTER (WHERE (sales_order_id IS NULL) = (purchase_order_id IS NULL))::int AS neither,
        count(*) FILTER (WHERE (transaction_type = 'SALE') <> (sales_order_id IS NOT NULL))::int AS wrong FROM transaction`),
    ).toEqual({ sales: 10_000, purchases: 5_000, neither: 0, wrong: 0 });
    expect(await one('SELECT count(DISTINCT transaction_id)::int AS transactions FROM payment')).toEqual({
      transactions: 15_000,
    });
  });

  test('adds up: each payment is quantity times price exactly, and many differ in floating point', async () => {
    const sums = await one(
      `SELECT count(*)::int AS orders, count(*) FILTER (WHERE units * price <> payment_amount)::int AS wrong,
         count(*) FILTER (WHERE units::float8 * price::float8 <> payment_amount::float8)::int > 1000 AS floats_differ,
         bool_and(scale(price) = 2) AS hundredths
       FROM payment JOIN transaction USING (transaction_id) JOIN (
         SELECT sales_order_id, NULL::int AS purchase_order_id, units_sold AS units, unit_price AS price, counterparty_id, currency_id, agreed_payment_date, created_at FROM sales_order
         UNION ALL
         SELECT NULL, purchase_order_id, item_quantity, item_unit_price, counterparty_id, currency_id, agreed_payment_date, created_at FROM purchase_order) AS placed
       ON placed.sales_order_id = transaction.sales_order_id OR placed.purchase_order_id = transaction.purchase_order_id
       WHERE (payment.counterparty_id, payment.currency_id, payment_date, payment.created_at)
           = (placed.counterparty_id, placed.currency_id, agreed_payment_date, placed.created_at)`,
    );
    expect(sums).toEqual({ orders: 15_000, wrong: 0, floats_differ: true, hundredths: true });
  });

  test('has most payments paid, by a morning job that marks dozens at one moment, one in ten late, and the recent ones open', async () => {
    const payments = await one(
      `SELECT count(*) FILTER (WHERE NOT paid)::int BETWEEN 100 AND 500 AS some_open,
         bool_and(paid = (last_updated > created_at)) AS marked, min(payment_date) FILTER (WHERE NOT paid) > '2024-08-01' AS recent,
         count(*) FILTER (WHERE NOT paid AND payment_date < (SELECT max(created_at)::date::text FROM sales_order))::int > 20 AS some_overdue,
         count(*) FILTER (WHERE paid AND last_updated::date > payment_date::date + 4)::int BETWEEN 1000 AND 1500 AS some_late,
         bool_and(last_updated::date::text >= payment_date) FILTER (WHERE paid) AS when_due,
         bool_and(extract(isodow FROM last_updated) < 6 AND extract(hour FROM last_updated) = 7) FILTER (WHERE paid) AS mornings
       FROM payment`,
    );
    expect(payments).toEqual({
      ...{ some_open: true, marked: true, recent: true, when_due: true, mornings: true },
      ...{ some_overdue: true, some_late: true },
    });
    const [most] = await database.query<{ ties: number }>(
      'SELECT count(*)::int AS ties FROM payment GROUP BY last_updated ORDER BY 1 DESC LIMIT 1',
    );
    expect(most!.ties).toBeGreaterThan(30);
    const types = await database.query(
      `SELECT payment_type_name, transaction_type, count(*) > 20 AS used FROM payment
       JOIN transaction USING (transaction_id) JOIN payment_type USING (payment_type_id) GROUP BY 1, 2 ORDER BY 1`,
    );
    expect(types).toEqual([
      { payment_type_name: 'PURCHASE_PAYMENT', transaction_type: 'PURCHASE', used: true },
      { payment_type_name: 'PURCHASE_REFUND', transaction_type: 'PURCHASE', used: true },
      { payment_type_name: 'SALES_RECEIPT', transaction_type: 'SALE', used: true },
      { payment_type_name: 'SALES_REFUND', transaction_type: 'SALE', used: true },
    ]);
  });

  test('has the texts that break careless pipelines', async () => {
    const found = await one(
      `SELECT EXISTS (SELECT FROM staff WHERE last_name = 'O''Brien') AS apostrophe,
         EXISTS (SELECT FROM counterparty WHERE counterparty_legal_name LIKE '%,%') AS comma,
         EXISTS (SELECT FROM counterparty WHERE counterparty_legal_name LIKE '%"%') AS quotation,
         (SELECT count(DISTINCT city)::int FROM address WHERE city IN ('Zürich', 'Łódź', '東京')) AS cities,
         EXISTS (SELECT FROM address WHERE postal_code LIKE '0%') AS zeros,
         EXISTS (SELECT FROM purchase_order WHERE item_code LIKE '0%') AS item_zeros`,
    );
    expect(found).toEqual({ apostrophe: true, comma: true, quotation: true, cities: 3, zeros: true, item_zeros: true });
    for (const column of [
      'address.address_line_2',
      'address.district',
      'department.location',
      'counterparty.commercial_contact',
      'counterparty.delivery_contact',
    ]) {
      const [table, name] = column.split('.');
      const kinds = await one(
        `SELECT bool_or(${name!} IS NULL) AS null, bool_or(${name!} = '') AS empty, bool_or(${name!} <> '') AS text FROM ${table!}`,
      );
      expect({ column, ...kinds }).toEqual({ column, null: true, empty: true, text: true });
    }
  });

  test('gives the next row of each table the next key', async () => {
    for (const table of tableNames) {
      expect(await one(`SELECT nextval(pg_get_serial_sequence('${table}', '${table}_id'))::int AS next`)).toEqual({
        next: rows[table]! + 1,
      });
    }
  });
});

test('the same orders and seed give the same bytes in every table; another seed gives others', async () => {
  const [first, second, third] = [await empty(), await empty(), await empty()] as const;
  await Promise.all([first, second].map(({ url }) => generate({ url, orders: 500, seed: 42 })));
  await generate({ url: third.url, orders: 500, seed: 43 });
  const hashes = await fingerprint(first);
  expect(await fingerprint(second)).toEqual(hashes);
  const others = await fingerprint(third);
  for (const table of ['address', 'staff', 'counterparty', 'design', 'sales_order', 'purchase_order', 'payment']) {
    expect(others[table]).not.toBe(hashes[table]);
  }
});

test('the smallest shop has one order of each kind', async () => {
  const database = await empty();
  expect(await generate({ url: database.url, orders: 1 })).toMatchObject({
    sales_order: 1,
    purchase_order: 1,
    payment: 2,
  });
});

test('it refuses a database with totesys in it, and leaves it as it was', async () => {
  const database = await empty();
  await generate({ url: database.url, orders: 5 });
  const before = await fingerprint(database);
  const again = generate({ url: database.url, orders: 7 });
  await expect(again).rejects.toThrow(SourceRefused);
  await expect(again).rejects.toThrow(/already: name an empty database, or drop what is there/);
  expect(await fingerprint(database)).toEqual(before);
});

test.each([
  [{ orders: 0 }, 'orders is 0: it must be a whole number from 1 to 1431655764'],
  [{ orders: 1.5 }, 'orders is 1.5: it must be a whole number from 1 to 1431655764'],
  [{ orders: Number.NaN }, 'orders is NaN: it must be a whole number from 1 to 1431655764'],
  [{ orders: 2 ** 31 }, 'orders is 2147483648: it must be a whole number from 1 to 1431655764'],
  [{ seed: 0.1 }, /^seed is 0\.1: it must be a whole number/],
])('%j is refused before anything is connected', async (options, message) => {
  const attempt = generate({ url: 'postgres://nobody@127.0.0.1:1/none', ...options });
  await expect(attempt).rejects.toThrow(ConfigInvalid);
  await expect(attempt).rejects.toThrow(message);
});

test('a failure on the way leaves nothing behind', async () => {
  const database = await empty();
  const attempt = generate({
    url: database.url,
    orders: 5_000,
    onProgress: ({ table }) => {
      if (table === 'payment') throw new Error('the terminal is gone');
    },
  });
  await expect(attempt).rejects.toThrow('the terminal is gone');
  expect(await tablesIn(database)).toEqual([]);
});

test('a lost connection is a passing failure and leaves nothing behind', async () => {
  const database = await empty();
  const other = await database.connect();
  await other.query('BEGIN; CREATE TABLE payment ()');
  const attempt = expect(generate({ url: database.url, orders: 5 })).rejects.toThrow(SourceUnavailable);
  const waiting = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'totes generate' AND wait_event_type = 'Lock'`;
  while ((await database.query(waiting)).length === 0);
  await attempt;
  await other.query('ROLLBACK');
  expect(await tablesIn(database)).toEqual([]);
});

test('without the right to create tables it is refused, and the message holds no password', async () => {
  const database = await empty();
  const role = roleFor(database);
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'hidden'; REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
  const attempt = generate({ url: Object.assign(new URL(database.url), { username: role, password: 'hidden' }).href });
  await expect(attempt).rejects.toThrow(SourceRefused);
  await expect(attempt).rejects.toThrow(/permission denied for schema public/);
  await expect(attempt).rejects.not.toThrow(/hidden/);
  await database.query(`DROP ROLE ${role}`);
});
