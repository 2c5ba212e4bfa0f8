import { writeSync } from 'node:fs';

/** What the process under attack is told, as JSON in the environment variable TOTES_ATTACK. */
export interface Orders {
  /** What to do at the points of the process; nothing where it is absent. */
  readonly at?: AtPoint;
  /** Sleeps a random time, at most so long, at every point; the seed decides how long each time. */
  readonly jitter?: { readonly seed: number; readonly milliseconds: number };
}

/** `list` tells each point; `kill` and `stall` end or stop the process when it reaches a point for the nth time. */
export type AtPoint =
  { readonly act: 'list' } | { readonly act: 'kill' | 'stall'; readonly label: string; readonly nth: number };

/** What the process tells whoever attacks it, a line of JSON each. */
export type Report = { readonly kind: 'started' } | { readonly kind: 'point'; readonly label: string };

/** The variable that carries the orders. */
export const ordersVariable = 'TOTES_ATTACK';

/** The descriptor that the reports go to. */
export const reportDescriptor = 3;

/** Tells it at once: the next instruction may end the process. */
export function report(what: Report): void {
  writeSync(reportDescriptor, `${JSON.stringify(what)}\n`);
}
