import { random, type Random } from '../../../packages/cli/src/sampleData/random.ts';
import { report, type Orders } from './orders.ts';

const reached = new Map<string, number>();
const signals = { kill: 'SIGKILL', stall: 'SIGSTOP' } as const;
let orders: Orders = {};
let dice: Random = random(0);

/** Says what to do at the points that are still to come. */
export function obey(given: Orders): void {
  orders = given;
  dice = random(given.jitter?.seed ?? 0);
}

/** A moment at which state may be half written. All before it is done, and nothing after it has begun. */
export function point(label: string): void {
  const { at, jitter } = orders;
  const nth = (reached.get(label) ?? 0) + 1;
  reached.set(label, nth);
  if (jitter !== undefined) sleep(dice.below(jitter.milliseconds));
  if (at === undefined) return;
  if (at.act !== 'list' && (at.label !== label || at.nth !== nth)) return;
  report({ kind: 'point', label });
  if (at.act !== 'list') process.kill(process.pid, signals[at.act]);
}

/** Blocks the whole process, as a machine does that is short of time. */
function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
