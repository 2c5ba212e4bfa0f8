import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openLake } from '@totes/core';
import type { RatesResult } from '@totes/rates';
import { simulate } from '../src/sampleData/simulate.ts';
import { ecbFile, type EcbDay } from '../../rates/test/ecbFile.ts';
import { contents, differences } from './compare.ts';
import { openBench, totes, type Bench, type Outcome } from './pipelineTest.ts';

let bench: Bench;
beforeEach(async () => (bench = await openBench(20)));
afterEach(() => bench.close());

const dayOf = (time: string, rates: Readonly<Record<string, string>>): EcbDay => ({ time, rates });
const [first, second, third] = [
  [dayOf('2026-11-18', { USD: '1.0562', JPY: '162.90' }), dayOf('2026-11-17', { USD: '1.0500' })],
  // A day that is corrected, a number that no float holds, and one with more places than the lake's decimals have.
  [dayOf('2026-11-19', { USD: '9007199254740.993' }), dayOf('2026-11-17', { USD: '1.0512' })],
  [dayOf('2026-11-20', { GBP: '0.833333333333' }), dayOf('2026-11-19', { USD: '1.06' })],
];

async function bring(days: readonly EcbDay[]): Promise<RatesResult> {
  const file = join(dirname(bench.lake), 'rates.xml');
  await writeFile(file, ecbFile(...days));
  const { code, out, error } = await totes('rates', '--lake', bench.lake, '--from', file, '--json');
  if (code !== 0) throw new Error(error.join('\n'));
  return JSON.parse(out.at(-1)!) as RatesResult;
}

const table = (): Promise<unknown[]> =>
  bench.warehouse.query(
    `SELECT exchange_rate_id AS id, rate_date::text AS day, currency_code AS code, base_currency_code AS base, rate
     FROM dim_exchange_rate ORDER BY id`,
  );

const all = [
  { id: 20774840, day: '2026-11-17', code: 'USD', base: 'EUR', rate: '1.0512' },
  { id: 20775392, day: '2026-11-18', code: 'JPY', base: 'EUR', rate: '162.90' },
  { id: 20775840, day: '2026-11-18', code: 'USD', base: 'EUR', rate: '1.0562' },
  { id: 20776840, day: '2026-11-19', code: 'USD', base: 'EUR', rate: '1.06' },
  { id: 20777826, day: '2026-11-20', code: 'GBP', base: 'EUR', rate: '0.833333333333' },
];

const replay = (...options: string[]): Promise<Outcome> =>
  totes('replay', '--lake', bench.lake, '--warehouse', bench.warehouse.url, ...options);

test('rates before, between and after versions of the source give the same table, and so do both replays', async () => {
  expect(await bring(first)).toMatchObject({ version: 1, committed: true, rates: 3 });
  expect(await bench.run()).toMatchObject({ version: 1, loaded: { dim_exchange_rate: 3 } });
  await bring(second);
  await simulate({ url: bench.source.url, days: 1 });
  expect(await bench.run()).toMatchObject({ version: 2, loaded: { dim_exchange_rate: 2 } });
  expect(await table()).toContainEqual(expect.objectContaining({ rate: '9007199254740.993' }));
  await bring(third);
  // Nothing new in the source, and yet a version.
  expect(await bench.run()).toMatchObject({ version: 3, committed: true, loaded: { dim_exchange_rate: 2 } });
  expect(await table()).toEqual(all);
  expect(await bench.run()).toMatchObject({ version: 3, committed: false });
  expect(await bring([...first.slice(0, 1), ...third])).toMatchObject({ version: 3, committed: false });

  const before = await contents(bench.warehouse);
  for (const options of [[], ['--from-raw']]) {
    await bench.warehouse.query('UPDATE dim_exchange_rate SET rate = 0');
    expect(await replay(...options)).toMatchObject({ code: 0 });
    expect(await table()).toEqual(all);
    expect(await contents(bench.warehouse)).toEqual(before);
  }
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
  const places = ['--source', bench.source.url, '--warehouse', bench.warehouse.url];
  expect(await totes('verify', ...places)).toMatchObject({ code: 0 });
});

test('all at once after the first version, they give that table too', async () => {
  await bench.run();
  expect(await table()).toEqual([]);
  for (const days of [first, second, third]) await bring(days);
  expect(await bench.run()).toMatchObject({ version: 2, committed: true, loaded: { dim_exchange_rate: 5 } });
  expect(await table()).toEqual(all);
  expect((await (await openLake(bench.lake)).processed.log.read(2)).rates).toBe(3);
});

test('a warehouse of an earlier release gets the table with the next version, and a lake without rates has no word of them', async () => {
  await bench.run();
  const { raw, processed } = await openLake(bench.lake);
  for (const manifest of [await raw.log.read(1), await processed.log.read(1)]) {
    expect(manifest).not.toHaveProperty('rates');
    expect(manifest).not.toHaveProperty(['tables', 'dim_exchange_rate']);
  }
  await bench.warehouse.query('DROP TABLE dim_exchange_rate');
  const lake = ['--lake', bench.lake, '--warehouse', bench.warehouse.url];
  const status = await totes('status', ...lake, '--json');
  expect(JSON.parse(status.out.at(-1)!)).toMatchObject({ problems: [{ kind: 'incomplete' }] });
  expect(await totes('verify', '--source', bench.source.url, '--warehouse', bench.warehouse.url)).toMatchObject({
    code: 0,
  });
  await bring(first);
  await bench.run();
  expect(await table()).toHaveLength(3);
});

test('the command says what it did, and what a bad file has', async () => {
  await bring(first);
  const file = join(dirname(bench.lake), 'rates.xml');
  const again = await totes('rates', '--lake', bench.lake, '--from', file);
  expect(again).toMatchObject({
    code: 0,
    out: ['3 exchange rates up to 2026-11-18, none that the lake does not have.'],
  });
  await writeFile(file, ecbFile(dayOf('2026-11-21', { XYZ: '1' })));
  expect(await totes('rates', '--lake', bench.lake, '--from', file)).toMatchObject({
    code: 1,
    error: [expect.stringMatching(/^totes: .*rates.xml, line \d+, rate "1" of currency "XYZ".*ISO 4217 lists no such/)],
  });
});
