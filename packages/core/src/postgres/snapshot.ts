import { LakeCorrupt } from '../errors.ts';

/** A PostgreSQL snapshot: transaction ids widened to 64 bits, so they never wrap. */
export interface Snapshot {
  /** The oldest transaction that was still running: all below it had ended, and is in the snapshot if it committed. */
  readonly xmin: bigint;
  /** The first transaction that had not begun. */
  readonly xmax: bigint;
  /** The transactions between that were running; not their subtransactions, and none at all on a standby. */
  readonly running: readonly bigint[];
}

/** Ids 0, 1 and 2 are never given to a transaction, in any epoch; the server treats them as older than all others. */
const firstNormalId = 3n;

/** Reads PostgreSQL's text form of a snapshot, `xmin:xmax:xip,…`. Throws LakeCorrupt for any other text. */
export function parseSnapshot(text: string): Snapshot {
  const [, xmin, xmax, running] = /^(\d+):(\d+):([\d,]*)$/.exec(text) ?? [];
  if (xmin === undefined || xmax === undefined || running === undefined) {
    throw new LakeCorrupt(`${JSON.stringify(text)} is not a snapshot of PostgreSQL (xmin:xmax:xip,…)`);
  }
  return { xmin: BigInt(xmin), xmax: BigInt(xmax), running: running.split(',').filter(Boolean).map(BigInt) };
}

/**
 * The snapshot without the running transactions of other databases, in the same text form. They hold its xmin back and
 * write none of our rows; their subtransactions, which no snapshot lists, do not either.
 *
 * @param elsewhere ids of transactions that run in other databases, low 32 bits, read when the snapshot was there
 */
export function withoutOthers(text: string, elsewhere: readonly string[]): string {
  const { xmin, xmax, running } = parseSnapshot(text);
  // On a standby nothing says which transactions hold it back.
  if (running[0] !== xmin) return text;
  const others = new Set(elsewhere);
  const ours = running.filter((id) => !others.has(String(BigInt.asUintN(32, id))));
  return `${ours[0] ?? xmax}:${xmax}:${ours.join(',')}`;
}

/**
 * The SQL condition that a row may have been written by a transaction that the snapshot does not show: its xmin is the
 * snapshot's own xmin or later.
 *
 * The xmin column holds the low 32 bits only. `age` counts backwards from one and the same transaction id within a
 * transaction, which makes both sides exact while fewer than 2^31 transactions lie between the two. A row written more
 * than 2^31 transactions ago may be taken for a new one, never the other way round. An old row that was frozen keeps its
 * xmin (PostgreSQL 9.4 and later); the age of ids 0 to 2 is beyond all others.
 * https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND
 *
 * @param column the row's xmin, where more than one table is read
 */
export function writtenSince({ xmin }: Snapshot, column = 'xmin'): string {
  const id = BigInt.asUintN(32, xmin);
  return `age(${column}) BETWEEN 0 AND age('${id < firstNormalId ? firstNormalId : id}'::xid)`;
}
