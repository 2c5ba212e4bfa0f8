import { facts, fiveDigits, IdSet, type Batch, type ObjectRef, type ObjectStore } from '@totes/core';
import { arrivals, type Arrival } from '../arrivals.ts';
import { FactDays } from '../factDays.ts';
import { rawRows } from '../rawRows.ts';
import { check, keptRows } from '../star/check.ts';
import { derived } from '../star/derived.ts';
import { starRules } from '../star/rules.ts';
import { schemaOf } from '../versionObjects.ts';
import { writeParts } from '../writeParts.ts';
import type { Against, FactSlice } from './factSlice.ts';

/** Where slices come from and go to. */
export interface SliceStores {
  readonly raw: ObjectStore;
  readonly processed: ObjectStore;
}

/** What came in the slices of a fact before one, where that matters to it: a key is there again. */
export interface Before {
  /** The ids of rows whose values can be read. */
  readonly ids: IdSet;
  /** The keys that wait by now. */
  readonly waiting: IdSet;
}

/** What a slice brings. */
export interface TransformedSlice {
  readonly objects: readonly ObjectRef[];
  readonly arrivals: readonly Arrival[];
  /** The ids of rows whose values can be read, those included that came before. */
  readonly ids: IdSet;
  /** The days that its facts point at. */
  readonly days: IdSet;
  /** Star rows written. */
  readonly rows: number;
}

/**
 * Turns the rows of a slice into star rows. What it writes depends on what it is given alone, so doing it again writes the
 * same objects. It knows nothing of other slices but `before`; without it, the result holds only if no row of another slice of
 * the fact has one of its ids.
 *
 * @throws LakeCorrupt where the raw object is not what its manifest says; LakeUnavailable, LakeRefused
 */
export async function transformSlice(
  { raw, processed }: SliceStores,
  slice: FactSlice,
  against: Against,
  before?: Before,
): Promise<TransformedSlice> {
  const fact = facts.find(({ name }) => name === slice.table)!;
  const rules = starRules(fact, (dimension) => against.ids.get(dimension)!);
  const ids = before?.ids.copy() ?? new IdSet();
  const waiting = (before?.waiting ?? against.waiting.get(fact.name)!).copy();
  const table = { format: slice.format, columns: slice.columns.map((name) => ({ name })), objects: [slice.object] };
  const arrived: Arrival[] = [];
  const days = new FactDays();
  const objects = await writeParts(processed, schemaOf('tables', fact.name), slice.folder, good(), nameOf(slice));
  return { objects, arrivals: arrived, ids, days: days.ids, rows: objects.reduce((sum, { rows }) => sum + rows, 0) };

  async function* good(): AsyncGenerator<Batch> {
    for await (const { batch } of rawRows(raw, table, rules.projection)) {
      const problems = check(batch, rules, ids);
      if (problems.size > 0 || waiting.size > 0) {
        for (const arrival of arrivals(batch, rules.key, problems, (key) => waiting.has(key))) {
          arrived.push(arrival);
          if (arrival.kind === 'arrived') waiting.delete(arrival.key);
          else if (arrival.key !== null) waiting.add(arrival.key);
        }
      }
      const rows = derived(fact, keptRows(batch, problems));
      days.collect(fact, rows);
      yield rows;
    }
  }
}

const nameOf = ({ number }: FactSlice): string => `slice-${fiveDigits(number)}-part`;
