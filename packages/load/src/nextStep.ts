import { facts, starTables, WarehouseMismatch } from '@totes/core';
import { truncateTables } from './sql/fill.ts';
import type { LoadedLake, Survey } from './survey.ts';

/** The version to load next. */
export interface Step {
  readonly version: number;
  /** The star tables were emptied: what the ledger says of them no longer holds, and the load starts again. */
  readonly afresh: boolean;
}

/**
 * What brings a warehouse nearer to the head of `lake`, or undefined where it is there. The ledger is the fence: work
 * that it already shows is never done again. Throws WarehouseMismatch where the rows that are there and the ledger
 * contradict each other, because loading on top would double or lose rows.
 */
export function nextStep(survey: Survey, lake: LoadedLake): Step | undefined {
  const afresh = lostEverything(survey);
  const version = afresh ? 1 : loadedVersion(survey, lake.lakeId) + 1;
  if (!afresh) refuseOtherHistory(survey, lake);
  return version > lake.version ? undefined : { version, afresh };
}

/** The newest version of a lake that the warehouse holds, 0 for none. */
export const loadedVersion = (survey: Survey, lakeId: string): number =>
  survey.lakes.find((each) => each.lakeId === lakeId)?.version ?? 0;

/** Whether all star tables were emptied. Throws WarehouseMismatch where only some were. */
export function lostEverything({ schema, relations, empty, lost }: Survey): boolean {
  if (lost.length === 0) return false;
  if (starTables.every(({ name }) => empty.has(name))) return true;
  const isThere = (table: string): boolean => relations.some(({ name }) => name === table);
  const state = lost.map((table) => `${table} is ${isThere(table) ? 'empty' : 'missing'}`).join(', ');
  throw new WarehouseMismatch(
    `warehouse schema "${schema.name}": ${state}, though etl.load_log says rows were loaded, and other tables hold rows. ` +
      `Restore what is gone, or empty the rest; load then rebuilds all from the lake: ${emptying(schema.name, isThere)}`,
  );
}

/**
 * A version says what changed since the one before it, so versions of two lakes in turn would set rows back to what they
 * were; and rows that no ledger explains may be of any version.
 */
function refuseOtherHistory({ schema, relations, empty, lakes }: Survey, lake: LoadedLake): void {
  const [other] = lakes;
  if (lakes.some(({ lakeId }) => lakeId === lake.lakeId)) return;
  const filled = facts.map(({ name }) => name).filter((name) => !empty.has(name));
  if (other === undefined && filled.length === 0) return;
  const found =
    other === undefined
      ? `${filled.join(', ')} hold rows, but etl.load_log has no load of this schema. Restore etl.load_log,`
      : `it was loaded from lake ${other.lakeId} up to version ${other.version}; this is lake ${lake.lakeId}. ` +
        'Name the lake or the schema that was meant,';
  const isThere = (table: string): boolean => relations.some(({ name }) => name === table);
  throw new WarehouseMismatch(
    `warehouse schema "${schema.name}": ${found} or empty the tables; load then rebuilds all from the lake: ${emptying(schema.name, isThere)}`,
  );
}

const emptying = (schema: string, isThere: (table: string) => boolean): string =>
  truncateTables(
    schema,
    starTables.map(({ name }) => name).filter((name) => isThere(name)),
  );
