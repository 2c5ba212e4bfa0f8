import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommitConflict, ratesLog, RatesInvalid, readVerified, type ObjectStore } from '@totes/core';
import { MemoryStore } from '../../core/test/memoryStore.ts';
import { days, ecbFile, type EcbDay } from '../test/ecbFile.ts';
import { unpacked } from './csv.ts';
import { keyOf } from './rate.ts';
import { rates, type RatesResult } from './rates.ts';

let folder: string;
let from: string;
let raw: MemoryStore;
let runs = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'totes-rates-'));
  from = join(folder, 'rates.xml');
  raw = new MemoryStore();
});
afterEach(() => rm(folder, { recursive: true }));

async function bring(file: readonly EcbDay[] | string, store: ObjectStore = raw): Promise<RatesResult> {
  await writeFile(from, typeof file === 'string' ? file : ecbFile(...file));
  const run = { runId: `run-${++runs}`, codeVersion: 'test', now: () => new Date(Date.UTC(2026, 10, 20, 16)) };
  return rates({ raw: store, from, ...run });
}

/** The rates of an entry, as `currency day rate`. */
async function entry(version: number): Promise<string[]> {
  const { object } = await ratesLog(raw).read(version);
  const found = await unpacked(await readVerified(raw, object));
  expect(found.size).toBe(object.rows);
  return Array.from(found, ([key, rate]) => `${key} ${rate}`);
}

const dayOf = (time: string, USD: string, more: Readonly<Record<string, string>> = {}): EcbDay => ({
  time,
  rates: { USD, ...more },
});

test('the key of a rate is its day and the number of its currency, and an int4', () => {
  expect(keyOf({ day: '1970-01-02', currency: 'USD' })).toBe(1840);
  expect(keyOf({ day: '2026-11-20', currency: 'JPY' })).toBe(20_777_392);
  expect(keyOf({ day: '7849-01-01', currency: 'USD' })).toBeLessThan(2 ** 31);
  expect(keyOf({ day: '9999-01-01', currency: 'USD' })).toBeUndefined();
});

test('the first run appends all, a second one nothing', async () => {
  const file = [dayOf('2026-11-20', '1.0562', { JPY: '162.90' }), dayOf('2026-11-19', '1.05')];
  expect(await bring(file)).toEqual({
    version: 1,
    committed: true,
    rates: 3,
    read: 3,
    from,
    newestDay: '2026-11-20',
    notices: [],
  });
  expect(await ratesLog(raw).read(1)).toMatchObject({
    kind: 'rates',
    version: 1,
    from,
    newestDay: '2026-11-20',
    fetchedAt: '2026-11-20T16:00:00.000Z',
    object: { key: expect.stringMatching(/^raw\/exchange_rate\/2026\/11\/20\/run-\d+\/part-/) as string, rows: 3 },
  });
  expect(await entry(1)).toEqual(['20777840 1.0562', '20777392 162.90', '20776840 1.05']);
  expect(await bring(file)).toMatchObject({ version: 1, committed: false, rates: 0, read: 3 });
});

test('only what is new or other than before is appended, however far back, and what was corrected twice too', async () => {
  await bring([dayOf('2026-11-18', '1'), dayOf('2026-11-17', '2')]);
  await bring([dayOf('2026-11-19', '3'), dayOf('2026-11-18', '1')]);
  await bring([dayOf('2026-11-19', '3'), dayOf('2026-11-17', '2.5')]);
  expect([await entry(2), await entry(3)]).toEqual([['20776840 3'], ['20774840 2.5']]);
  expect((await ratesLog(raw).read(3)).newestDay).toBe('2026-11-19');
  // The second file again: its rates are those of other entries.
  expect(await bring([dayOf('2026-11-19', '3'), dayOf('2026-11-18', '1')])).toMatchObject({ committed: false });
  expect(await bring([dayOf('2026-11-17', '2')])).toMatchObject({ version: 4, rates: 1 });
  // Days before all others, and a currency of a day that is known.
  expect(await bring([dayOf('2026-11-17', '2', { GBP: '0.8' }), dayOf('1999-01-04', '1.1789')])).toMatchObject({
    version: 5,
    rates: 2,
  });
});

test('a new day costs no look at the days before', async () => {
  const all = days('2026-01-01', 20);
  for (const day of all.slice(0, -1)) await bring([dayOf(day, '1')]);
  raw.calls.length = 0;
  expect(await bring([dayOf(all.at(-1)!, '1')])).toMatchObject({ version: 20, rates: 1 });
  expect(raw.calls).toEqual(['list rates/', 'get rates/00000000000000000019.json']);
});

test('of two runs at once one appends a rate, and the other sees that it did', async () => {
  const file = [dayOf('2026-11-20', '1.0562')];
  let isFirst = true;
  const store = Object.assign(Object.create(raw) as MemoryStore, {
    putIfAbsent: async (key: string, body: Uint8Array) => {
      if (key.startsWith('rates/') && isFirst) {
        isFirst = false;
        await bring(file);
      }
      return raw.putIfAbsent(key, body);
    },
  });
  expect(await bring(file, store)).toMatchObject({ version: 1, committed: false });
  expect(await entry(1)).toHaveLength(1);
});

test('a run that always loses gives up, to be tried again', async () => {
  let time = 1;
  const store = Object.assign(Object.create(raw) as MemoryStore, {
    putIfAbsent: async (key: string, body: Uint8Array) => {
      if (key.startsWith('rates/')) await bring([dayOf(`2026-12-0${time}`, String(time++))]);
      return raw.putIfAbsent(key, body);
    },
  });
  await expect(bring([dayOf('2026-11-20', '1')], store)).rejects.toBeInstanceOf(CommitConflict);
});

test('a file with one bad rate appends nothing', async () => {
  await expect(bring([dayOf('2026-11-20', '1'), dayOf('2026-11-19', '-1')])).rejects.toBeInstanceOf(RatesInvalid);
  expect(await ratesLog(raw).head()).toBe(0);
  expect(await raw.list('')).toEqual([]);
});

test('rates that are left out are told', async () => {
  const { notices } = await bring([dayOf('2004-12-30', '1.36', { TRL: '1836200', EEK: '15.6466' })]);
  expect(notices).toEqual(['rates of currencies that ISO 4217 does not list any more were left out: EEK 1, TRL 1']);
});
