import { generate } from '../../../packages/cli/src/sampleData/generate.ts';
import { createDatabase, type TestDatabase } from '../../jest/database.ts';
import { differences, left } from './target.ts';

let source: TestDatabase;
beforeAll(async () => {
  source = await createDatabase();
});
afterAll(() => source.drop());

test('lost and doubled rows are told from those that are all there, keys and types are seen', async () => {
  const rows = await generate({ url: source.url, orders: 10 });
  const client = await source.connect();
  expect(await differences(client, rows, false)).toEqual([]);
  // Those of the tool that keeps the shop's schema are counted, too.
  expect(await left(client)).toEqual({ primaryKeys: 12, foreignKeys: 17, amounts: ['numeric'] });

  await client.query('DELETE FROM payment WHERE payment_id = 1');
  await client.query("INSERT INTO currency (currency_code) VALUES ('CHF')");
  expect(await differences(client, rows, false)).toEqual([
    `currency has ${rows.currency + 1} rows, currency has ${rows.currency}`,
    `payment has ${rows.payment - 1} rows, payment has ${rows.payment}`,
  ]);
});
