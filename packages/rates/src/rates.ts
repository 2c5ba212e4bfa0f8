import { CommitConflict, manifestFormat, ratesLog, writeContent, type ObjectStore, type RatesEntry } from '@totes/core';
import { packed } from './csv.ts';
import { readEcb, type Published } from './ecb.ts';
import { fetchText } from './fetchText.ts';
import { newsIn } from './news.ts';
import type { Rate } from './rate.ts';

export interface RatesOptions {
  /** The raw bucket. */
  readonly raw: ObjectStore;
  /** A URL, or the path of a file, in the ECB's format. */
  readonly from: string;
  readonly runId: string;
  readonly codeVersion: string;
  readonly now: () => Date;
}

export interface RatesResult {
  /** The newest entry of the log of rates afterwards; 0 for none. */
  readonly version: number;
  /** Whether this run made it. */
  readonly committed: boolean;
  /** Rates that are new, or other than before. */
  readonly rates: number;
  /** Rates that were read. */
  readonly read: number;
  readonly from: string;
  /** The newest day of which a rate was read, YYYY-MM-DD. */
  readonly newestDay: string;
  /** What a person should know, such as rates that were left out. */
  readonly notices: readonly string[];
}

/** Two that run at once take two attempts; more than so many are a loop somewhere. */
const mostAttempts = 5;

/** Working days of the last three months: what a month without a run still finds. */
export const usualSource = 'https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist-90d.xml';

/**
 * Fetches exchange rates and appends those to the lake that it does not have; appends nothing where none is new. The next
 * run of ingest takes them into its version. May run any number of times, and twice at once.
 *
 * @throws RatesUnavailable, RatesRefused, RatesInvalid, CommitConflict, LakeUnavailable, LakeRefused, LakeCorrupt,
 *   ManifestUnsupported; nothing is appended then
 */
export async function rates(run: RatesOptions): Promise<RatesResult> {
  const { raw, from } = run;
  const published = readEcb(await fetchText(from), from);
  const told = {
    read: published.rates.length,
    from,
    newestDay: newestOf(published.rates),
    notices: notices(published),
  };
  const log = ratesLog(raw);
  let version = 0;
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    version = await log.head(version);
    const head = version === 0 ? undefined : await log.read(version);
    const news = await newsIn(published.rates, { store: raw, log, ...(head && { head }) });
    if (news.length === 0) return { version, committed: false, rates: 0, ...told };
    const entry = await write(run, news, head);
    if (await log.commit(entry)) return { version: entry.version, committed: true, rates: news.length, ...told };
  }
  throw new CommitConflict(`${raw.uri}/rates/: other runs appended first ${mostAttempts} times: run again`);
}

async function write(
  { raw, from, runId, codeVersion, now }: RatesOptions,
  news: readonly Rate[],
  head: RatesEntry | undefined,
): Promise<RatesEntry> {
  const at = now().toISOString();
  const newest = newestOf(news);
  const folder = `raw/exchange_rate/${at.slice(0, 10).replaceAll('-', '/')}/${runId}`;
  const object = { folder, name: 'part-00000', extension: 'csv.zst', rows: news.length };
  return {
    kind: 'rates',
    format: manifestFormat,
    version: (head?.version ?? 0) + 1,
    runId,
    fetchedAt: at,
    codeVersion,
    from,
    newestDay: head !== undefined && head.newestDay > newest ? head.newestDay : newest,
    object: await writeContent(raw, object, await packed(news)),
  };
}

const newestOf = (rates: readonly Rate[]): string =>
  rates.reduce((newest, { day }) => (day > newest ? day : newest), '');

function notices({ withdrawn }: Published): string[] {
  if (withdrawn.size === 0) return [];
  const each = [...withdrawn].sort().map(([currency, count]) => `${currency} ${count}`);
  return [`rates of currencies that ISO 4217 does not list any more were left out: ${each.join(', ')}`];
}
