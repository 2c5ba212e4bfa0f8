import type { BlockRange } from '../copyQuery.ts';
import type { TablePlan } from '../plan.ts';

/**
 * Blocks of a table that are read at a time, 128 MB where a block has the usual 8 kB: about a million rows of totesys. They
 * take some seconds to read, so connecting costs little beside it, and a slice that fails costs little to repeat.
 */
export const usualSliceBlocks = 16_384;

/** What of a table is read at a time, into an object of its own. */
export interface Slice {
  readonly table: string;
  /** Its place among those of its table, from 0. */
  readonly part: number;
  /** Absent where it is all that the plan of the table asks for. */
  readonly blocks?: BlockRange;
}

/**
 * Cuts tables into slices, in the order of their rows: a table that is to be read whole and is larger than a slice into
 * several, any other into one.
 *
 * @param blocks of the tables that may be cut, by name
 */
export function cut(plans: readonly TablePlan[], blocks: ReadonlyMap<string, number>, sliceBlocks: number): Slice[] {
  return plans.flatMap(({ table: { name: table } }) => {
    const count = Math.max(1, Math.ceil((blocks.get(table) ?? 0) / sliceBlocks));
    if (count === 1) return [{ table, part: 0 }];
    return Array.from({ length: count }, (_, part) => {
      const from = part * sliceBlocks;
      // Rows that came since the table was measured may stand behind its end; the snapshot says whether they count.
      return { table, part, blocks: part === count - 1 ? { from } : { from, to: from + sliceBlocks } };
    });
  });
}

/**
 * Slices of tables that were cut, beyond which several functions read them: one alone reads so much, a gigabyte, in less than
 * a minute, and the others would take some seconds to begin.
 */
const mostForOne = 8;

/** Whether slices are so many that functions beside one another should read them. */
export const isWorthFanningOut = (slices: readonly Slice[]): boolean =>
  slices.filter(({ blocks }) => blocks !== undefined).length > mostForOne;
