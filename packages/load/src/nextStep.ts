import { facts, starTables, WarehouseMismatch } from '@totes/core';
import type { LoadedLake } from './ledger.ts';
import type { Survey } from './survey.ts';

/** The version to load next. */
export interface Step {
  readonly version: number;
  /** Whether it begins the warehouse's history: nothing that the ledger says still holds. Not where a lake is adopted. */
  readonly afresh: boolean;
}

/**
 * What brings a warehouse nearer to the head of `lake`, or undefined where it is there. The ledger is the fence: work
 * that it already shows is never done again. Throws WarehouseMismatch where the rows that are there and the ledger
 * contradict each other, because loading on top would double or lose rows.
 *
 * @param adopt whether a warehouse that was filled from another lake goes on from this one
 */
export function nextStep(survey: Survey, lake: LoadedLake, adopt = false): Step | undefined {
  const emptied = lostEverything(survey);
  const version = emptied ? 1 : loadedVersion(survey, lake.lakeId) + 1;
  if (!emptied) refuseOtherHistory(survey, lake, adopt);
  if (version > lake.version) return undefined;
  return { version, afresh: emptied || survey.lakes.length === 0 };
}

/** The newest version of a lake that the warehouse holds, 0 for none. */
export const loadedVersion = (survey: Survey, lakeId: string): number =>
  survey.lakes.find((each) => each.lakeId === lakeId)?.version ?? 0;

/** Whether all star tables were emptied. Throws WarehouseMismatch where only some were. */
export function lostEverything({ schema, relations, empty, lost, emptying }: Survey): boolean {
  if (lost.length === 0) return false;
  if (starTables.every(({ name }) => empty.has(name))) return true;
  const isThere = (table: string): boolean => relations.some(({ name }) => name === table);
  const state = lost.map((table) => `${table} is ${isThere(table) ? 'empty' : 'missing'}`).join(', ');
  throw new WarehouseMismatch(
    `warehouse schema "${schema.name}": ${state}, though etl.load_log says rows were loaded, and other tables hold rows. ` +
      `Restore what is gone, or empty the rest; load then rebuilds all from the lake: ${emptying(schema.name, present(isThere))}`,
  );
}

/**
 * A version says what changed since the one before it, so versions of two lakes in turn would set rows back to what they
 * were; and rows that no ledger explains may be of any version. Of several lakes the one loaded last is in force.
 */
function refuseOtherHistory(
  { schema, relations, empty, lakes, emptying }: Survey,
  lake: LoadedLake,
  adopt: boolean,
): void {
  const [inForce] = lakes;
  const filled = facts.map(({ name }) => name).filter((name) => !empty.has(name));
  if (inForce === undefined ? filled.length === 0 : inForce.lakeId === lake.lakeId) return;
  const wasLeft = lakes.some(({ lakeId }) => lakeId === lake.lakeId);
  if (inForce !== undefined && adopt && !wasLeft) return;
  const found =
    inForce === undefined
      ? `${filled.join(', ')} hold rows, but etl.load_log has no load of this schema. Restore etl.load_log,`
      : `it was loaded from lake ${inForce.lakeId} up to version ${inForce.version}; this is lake ${lake.lakeId}` +
        (wasLeft ? ', which it left for that one. ' : '. ') +
        'Name the lake or the schema that was meant,' +
        (wasLeft ? '' : ' or, if that lake is lost and this one takes its place, add --adopt,');
  const isThere = (table: string): boolean => relations.some(({ name }) => name === table);
  throw new WarehouseMismatch(
    `warehouse schema "${schema.name}": ${found} or empty the tables; load then rebuilds all from the lake: ${emptying(schema.name, present(isThere))}`,
  );
}

const present = (isThere: (table: string) => boolean): string[] =>
  starTables.map(({ name }) => name).filter((name) => isThere(name));
