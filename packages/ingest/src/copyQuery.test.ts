import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTotesys, type Totesys } from '../test/totesys.ts';

let totesys: Totesys;
beforeAll(async () => {
  totesys = await createTotesys();
  await totesys.database.query(String.raw`
    CREATE TABLE "odd ""table"", 'x'" (
      t int, "two words" text, "qu""ote, comma" numeric, "größe" timestamp(6), flag boolean, "xml" jsonb,
      doubled int GENERATED ALWAYS AS (t * 2) STORED);
    INSERT INTO "odd ""table"", 'x'" VALUES
      (1, NULL, 12.50, '2026-01-01 10:00:00.123456', true, '{"a":1}'),
      (2, '', -0.000000000000000000001, NULL, false, NULL),
      (3, E'quote " comma , tab \t newline \n return \r backslash \\ \\N NULL \u0001 \u0002 é 日本 🎒', 1e30, 'infinity', NULL, '"\u0001"')`);
});
afterAll(() => totesys.drop());

const table = `odd "table", 'x'`;

test('csv: a header of names, NULL apart from the empty text, every character kept', async () => {
  const { version, read } = await totesys.ingest({ options: { format: 'csv' } });
  expect(read[table]).toBe(3);
  expect(await totesys.text(version, table)).toBe(
    '"t","two words","qu""ote, comma","größe","flag","xml","doubled"\n' +
      '1,,12.50,2026-01-01 10:00:00.123456,t,"{""a"": 1}",2\n' +
      '2,"",-0.000000000000000000001,,f,,4\n' +
      '3,"quote "" comma , tab \t newline \n return \r backslash \\ \\N NULL \u0001 \u0002 é 日本 🎒",' +
      '1000000000000000000000000000000,infinity,,"""\\u0001""",6\n',
  );
});

test('json: one untouched object a line, numbers with every digit', async () => {
  await totesys.database.query(`UPDATE ${JSON.stringify(table).replaceAll('\\"', '""')} SET flag = flag`);
  const { version } = await totesys.ingest();
  expect(await totesys.text(version, table)).toBe(
    '{"t":1,"two words":null,"qu\\"ote, comma":12.50,"größe":"2026-01-01T10:00:00.123456","flag":true,"xml":{"a": 1},"doubled":2}\n' +
      '{"t":2,"two words":"","qu\\"ote, comma":-0.000000000000000000001,"größe":null,"flag":false,"xml":null,"doubled":4}\n' +
      '{"t":3,"two words":"quote \\" comma , tab \\t newline \\n return \\r backslash \\\\ \\\\N NULL \\u0001 \\u0002 é 日本 🎒",' +
      '"qu\\"ote, comma":1000000000000000000000000000000,"größe":"infinity","flag":null,"xml":"\\u0001","doubled":6}\n',
  );
});

test('a table without columns has rows all the same', async () => {
  await totesys.database.query(
    'CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES; INSERT INTO bare DEFAULT VALUES',
  );
  const { version, read } = await totesys.ingest();
  expect(read.bare).toBe(2);
  expect(await totesys.text(version, 'bare')).toBe('{}\n{}\n');
});
