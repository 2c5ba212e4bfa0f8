import { ConfigInvalid, SourceRefused, SourceSchemaDrift } from '@totes/core';
import { createDatabase, type TestDatabase } from '../../../../scripts/jest/database.ts';
import { fingerprint } from '../../test/fingerprint.ts';
import { dayOf } from './calendar.ts';
import { generate } from './generate.ts';
import { daysLate } from './lateness.ts';
import { simulate, type Activity, type SimulateProgress } from './simulate.ts';
import { createTotesys } from './totesys.ts';

const databases: TestDatabase[] = [];
async function empty(): Promise<TestDatabase> {
  const database = await createDatabase();
  databases.push(database);
  return database;
}
async function shop(orders = 300): Promise<TestDatabase> {
  const database = await empty();
  await generate({ url: database.url, orders });
  return database;
}
afterAll(() => Promise.all(databases.map((database) => database.drop())));

describe('ten working days', () => {
  let database: TestDatabase;
  let activity: Activity;
  let lastDay: string;
  const told: SimulateProgress[] = [];
  const count = async (sql: string) =>
    (await database.query<{ count: number }>(`SELECT count(*)::int ${sql}`))[0]!.count;

  beforeAll(async () => {
    database = await shop();
    [{ lastDay }] = (await database.query<{ lastDay: string }>(
      `SELECT max(created_at)::date::text AS "lastDay" FROM sales_order`,
    )) as [{ lastDay: string }];
    activity = await simulate({ url: database.url, days: 10, onProgress: (progress) => told.push(progress) });
  });

  test('follow the latest day, Monday to Friday', () => {
    expect(told.map(({ day, days }) => [day, days])).toEqual(Array.from({ length: 10 }, (_, index) => [index + 1, 10]));
    const dates = told.map(({ date }) => date);
    expect([lastDay, ...dates]).toEqual([lastDay, ...dates].sort());
    expect(new Set([lastDay, ...dates]).size).toBe(11);
    for (const date of dates) expect([1, 2, 3, 4, 5]).toContain(new Date(date).getUTCDay());
    expect(Date.parse(dates.at(-1)!) - Date.parse(lastDay)).toBeLessThanOrEqual(14 * 86_400_000);
  });

  test('bring the orders that it counts, each with its transaction and payment', async () => {
    expect(activity.salesOrders).toBe((await count('FROM sales_order')) - 300);
    expect(activity.salesOrders / 10).toBeCloseTo(20, -1);
    expect(activity.purchaseOrders).toBe((await count('FROM purchase_order')) - 150);
    expect(activity.purchaseOrders / 10).toBeCloseTo(8, -1);
    const orders = 450 + activity.salesOrders + activity.purchaseOrders;
    expect(await count('FROM transaction')).toBe(orders);
    expect(await count('FROM payment JOIN transaction USING (transaction_id)')).toBe(orders);
    expect(
      await count(`FROM transaction JOIN sales_order USING (sales_order_id) WHERE transaction_type = 'SALE'`),
    ).toBe(300 + activity.salesOrders);
    const late = `created_at > '${lastDay} 23:59' AND (created_at::time < '09:00' OR created_at::time > '17:30')`;
    expect(await count(`FROM sales_order WHERE ${late}`)).toBe(0);
  });

  test('mark what is due paid, at one moment of each morning, one in ten late', async () => {
    const end = told.at(-1)!.date;
    const overdue = await database.query<{ id: number; due: string }>(
      `SELECT payment_id AS id, payment_date AS due FROM payment WHERE NOT paid AND payment_date <= '${end}'`,
    );
    expect(overdue.length).toBeGreaterThan(10);
    expect(overdue.every(({ id, due }) => dayOf(due) + daysLate(id) > dayOf(end))).toBe(true);
    expect(
      await count(
        `FROM payment WHERE NOT paid AND payment_id % 40 NOT IN (7, 15, 23, 31) AND payment_date <= '${end}'`,
      ),
    ).toBe(0);
    expect(await count(`FROM payment WHERE paid AND payment_date > '${end}'`)).toBe(0);
    expect(await count(`FROM payment WHERE paid AND last_updated > '${lastDay} 23:59'`)).toBe(activity.paymentsPaid);
    const mornings = await database.query<{ ties: number; hour: string }>(
      `SELECT extract(hour FROM last_updated)::text AS hour, count(*)::int AS ties FROM payment
       WHERE paid AND last_updated > '${lastDay} 23:59' GROUP BY last_updated`,
    );
    expect(mornings.length).toBeLessThanOrEqual(10);
    expect(mornings.every(({ hour }) => hour === '7')).toBe(true);
    expect(Math.max(...mornings.map(({ ties }) => ties))).toBeGreaterThan(20);
  });

  test('amend sales so that the payment follows exactly', async () => {
    expect(activity.ordersAmended).toBeGreaterThanOrEqual(10);
    const amended = await count('FROM sales_order WHERE last_updated > created_at');
    // An order may be amended twice.
    expect(amended).toBeGreaterThan(0);
    expect(amended).toBeLessThanOrEqual(activity.ordersAmended);
    const putOff = `last_updated > created_at AND agreed_delivery_date::date > created_at::date + 14`;
    expect(await count(`FROM sales_order WHERE ${putOff}`)).toBeGreaterThan(0);
    expect(
      await count(
        `FROM payment JOIN transaction USING (transaction_id) JOIN sales_order USING (sales_order_id)
         WHERE payment_amount <> units_sold * unit_price OR scale(payment_amount) <> 2`,
      ),
    ).toBe(0);
    expect(
      await count(
        `FROM payment JOIN transaction USING (transaction_id) JOIN sales_order s USING (sales_order_id)
         WHERE s.last_updated > s.created_at AND payment.last_updated < s.last_updated`,
      ),
    ).toBe(0);
  });

  test('change each small table twice, one a day', async () => {
    expect(activity).toMatchObject({
      departmentsRenamed: 2,
      designsRenamed: 2,
      counterpartiesRenamed: 2,
      addressesCorrected: 2,
      counterpartiesAdded: 2,
    });
    const changed = (table: string) => count(`FROM ${table} WHERE last_updated > created_at`);
    for (const table of ['department', 'design', 'counterparty', 'address']) {
      expect(await changed(table)).toBeGreaterThanOrEqual(1);
      expect(await changed(table)).toBeLessThanOrEqual(2);
    }
    expect(await changed('staff')).toBe(0);
    const newcomers = `FROM counterparty c JOIN address a ON address_id = legal_address_id AND a.created_at = c.created_at`;
    expect(await count(`${newcomers} WHERE c.created_at > '${lastDay} 23:59'`)).toBe(2);
  });
});

test('the same database, days and seed give the same changes; another seed gives others', async () => {
  const [first, second, third] = [await shop(60), await shop(60), await shop(60)] as const;
  const same = await Promise.all([first, second].map(({ url }) => simulate({ url, days: 6, seed: 5 })));
  expect(same[0]).toEqual(same[1]);
  await simulate({ url: third.url, days: 6, seed: 6 });
  const hashes = await fingerprint(first);
  expect(await fingerprint(second)).toEqual(hashes);
  const others = await fingerprint(third);
  for (const table of ['sales_order', 'purchase_order', 'payment']) expect(others[table]).not.toBe(hashes[table]);
});

test('days in one go and day by day are the same', async () => {
  const [atOnce, daily] = [await shop(60), await shop(60)] as const;
  await simulate({ url: atOnce.url, days: 3 });
  for (let day = 0; day < 3; day++) await simulate({ url: daily.url, days: 1 });
  expect(await fingerprint(daily)).toEqual(await fingerprint(atOnce));
});

test('a shop whose payments are all paid has nothing to amend', async () => {
  const database = await shop(1);
  await database.query('UPDATE payment SET paid = true');
  expect(await simulate({ url: database.url, days: 1 })).toMatchObject({ ordersAmended: 0, paymentsPaid: 0 });
});

test('dates that are none do not stop the morning job', async () => {
  const database = await shop(5);
  await database.query(`UPDATE payment SET payment_date = '2023-02-30' WHERE payment_id = 1`);
  await simulate({ url: database.url, days: 1 });
  expect(await database.query('SELECT paid FROM payment WHERE payment_id = 1')).toEqual([{ paid: false }]);
});

test('without totesys it names what is missing', async () => {
  const database = await empty();
  const attempt = simulate({ url: database.url, days: 1 });
  await expect(attempt).rejects.toThrow(SourceSchemaDrift);
  await expect(attempt).rejects.toThrow(
    /^database test_\w+ has no address, department, .*, payment in schema public: simulate needs a filled totesys, which generate makes in an empty database$/,
  );
});

test('an empty totesys is refused, with what it lacks', async () => {
  const database = await empty();
  await createTotesys(await database.connect());
  const attempt = simulate({ url: database.url, days: 1 });
  await expect(attempt).rejects.toThrow(SourceRefused);
  await expect(attempt).rejects.toThrow(
    /has no rows in design, staff, counterparty, currency, address, department, payment_type \(SALES_RECEIPT\), .*: simulate needs/,
  );
});

test.each([0, -1, 1.5, Number.NaN])('%d days are refused', async (days) => {
  const attempt = simulate({ url: 'postgres://nobody@127.0.0.1:1/none', days });
  await expect(attempt).rejects.toThrow(ConfigInvalid);
  await expect(attempt).rejects.toThrow(`days is ${days}: it must be a whole number from 1 to 10000`);
});

test('when it fails, the days before stay done and the rest is undone', async () => {
  const [database, reference] = [await shop(60), await shop(60)] as const;
  await simulate({ url: reference.url, days: 2 });
  const attempt = simulate({
    url: database.url,
    days: 5,
    onProgress: ({ day }) => {
      if (day === 2) throw new Error('the terminal is gone');
    },
  });
  await expect(attempt).rejects.toThrow('the terminal is gone');
  expect(await fingerprint(database)).toEqual(await fingerprint(reference));
});

test('half of a day’s orders are never left behind', async () => {
  const database = await shop(60);
  await database.query('ALTER TABLE purchase_order ADD CHECK (purchase_order_id <= 30)');
  const attempt = simulate({ url: database.url, days: 1 });
  await expect(attempt).rejects.toThrow(SourceRefused);
  await expect(attempt).rejects.toThrow(/violates check constraint/);
  expect(await database.query('SELECT count(*)::int AS sales FROM sales_order')).toEqual([{ sales: 60 }]);
});

test('without the right to write it is refused', async () => {
  const database = await shop(5);
  // Roles belong to the server, which other tests use too.
  const role = `reader_of_${new URL(database.url).pathname.slice(1)}`;
  await database.query(
    `CREATE ROLE ${role} LOGIN PASSWORD 'hidden'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`,
  );
  const url = Object.assign(new URL(database.url), { username: role, password: 'hidden' }).href;
  await expect(simulate({ url, days: 1 })).rejects.toThrow(SourceRefused);
  await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
});
