import { Log } from './log.ts';
import type { RatesEntry } from './manifest.ts';
import type { ObjectStore } from './objectStore.ts';

/** The exchange rates that stand in a raw bucket. */
export const ratesLog = (raw: ObjectStore): Log<RatesEntry> => new Log<RatesEntry>(raw, 'rates', 'rates/');
