import { readVerified, type Log, type ObjectStore, type RatesEntry } from '@totes/core';
import { unpacked } from './csv.ts';
import { keyOf, type Rate } from './rate.ts';

/**
 * Those of the rates that the log does not have, or has otherwise; the newest entry with a rate says what it is. Days
 * after the newest one of the log are news without a look at its objects, so a new day costs one object of the lake; for
 * earlier ones it goes back as far as it has to, a day's rates being an entry.
 *
 * @param head the newest entry; undefined where there is none
 */
export async function newsIn(
  rates: readonly Rate[],
  { store, log, head }: { readonly store: ObjectStore; readonly log: Log<RatesEntry>; readonly head?: RatesEntry },
): Promise<Rate[]> {
  const newestDay = head?.newestDay ?? '';
  // Dates of this form sort as their texts do.
  const news = rates.filter(({ day }) => day > newestDay);
  const open = new Map(rates.filter(({ day }) => day <= newestDay).map((rate) => [keyOf(rate)!, rate]));
  for (let entry = head; entry !== undefined && open.size > 0; entry = await before(log, entry)) {
    for (const [key, known] of await unpacked(await readVerified(store, entry.object))) {
      const rate = open.get(key);
      if (rate === undefined) continue;
      open.delete(key);
      if (rate.rate !== known) news.push(rate);
    }
  }
  return [...news, ...open.values()];
}

const before = async (log: Log<RatesEntry>, { version }: RatesEntry): Promise<RatesEntry | undefined> =>
  version === 1 ? undefined : log.read(version - 1);
