import type { Bundled } from './bundles.ts';
import type { Requests } from './cost.ts';
import { median, ofRun, peakOf, type Size } from './results.ts';

/** What the pipeline promises, and whether these runs kept it. */
export interface Promised {
  readonly what: string;
  readonly seen: string;
  readonly kept: boolean;
}

/** Most requests of an object store that a run with nothing to do may make. */
export const mostRequests = 10;
const mostMegabytes = 300;

/** Above it the scan of the source's tables takes longer than the promise allows. */
const mostOrdersInTime = 1_000_000;

/** Of a bundle: what a cold start waits for. */
const mostImportMilliseconds = 150;
const mostZipMegabytes = 3;

/** The promises that what was measured can tell of. */
export function promises(sizes: readonly Size[], idle: Requests, bundles: readonly Bundled[]): Promised[] {
  const found: Promised[] = [];
  const say = (what: string, seen: string, kept: boolean): void => {
    found.push({ what, seen, kept });
  };
  for (const { orders, first, limits } of sizes) {
    if (limits.length === 0) continue;
    const ratio = ofRun(first, 'seconds') / median(limits.map(({ kept }) => kept));
    say(`a first load of ${count(orders)} orders takes at most 2 × the limit`, `${ratio.toFixed(2)} ×`, ratio <= 2);
  }
  const [million, ten] = [1_000_000, 10_000_000].map((orders) => sizes.find((size) => size.orders === orders));
  if (million !== undefined && ten !== undefined) {
    const ratio = ofRun(ten.first, 'seconds') / ofRun(million.first, 'seconds');
    say('ten million orders take at most 11 × one million', `${ratio.toFixed(1)} ×`, ratio <= 11);
  }
  for (const { orders, first } of sizes) {
    const peak = peakOf(first);
    say(
      `no stage needs ${mostMegabytes} MB at ${count(orders)} orders`,
      `${Math.round(peak)} MB`,
      peak < mostMegabytes,
    );
  }
  for (const { orders, deltas } of sizes) {
    const { nothing, hundred } = deltas;
    if (nothing !== undefined) {
      const cpu = ofRun(nothing, 'cpuSeconds');
      say(
        `a warm run without a change needs under 0.2 s of CPU, ${count(orders)} orders`,
        `${cpu.toFixed(3)} s`,
        cpu < 0.2,
      );
    }
    if (hundred !== undefined && orders <= mostOrdersInTime) {
      const seconds = ofRun(hundred, 'seconds');
      say(`100 changed rows arrive in under 1 s, ${count(orders)} orders`, `${seconds.toFixed(2)} s`, seconds < 1);
    }
  }
  const requests = idle.writes + idle.reads;
  say(`a run without a change makes at most ${mostRequests} requests`, String(requests), requests <= mostRequests);
  const largest = Math.max(...bundles.map(({ zipBytes }) => zipBytes)) / 1e6;
  say(`every zip has less than ${mostZipMegabytes} MB`, `${largest.toFixed(2)} MB`, largest < mostZipMegabytes);
  const slowest = Math.max(...bundles.map(({ importMilliseconds }) => importMilliseconds));
  say(
    `every function loads in under ${mostImportMilliseconds} ms`,
    `${Math.round(slowest)} ms`,
    slowest < mostImportMilliseconds,
  );
  return found;
}

const numbers = new Intl.NumberFormat('en-GB');
export const count = (value: number): string => numbers.format(Math.round(value));
