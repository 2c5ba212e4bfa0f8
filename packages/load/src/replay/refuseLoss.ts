import { facts, WarehouseMismatch } from '@totes/core';
import { loadedVersion } from '../nextStep.ts';
import type { LoadedLake } from '../ledger.ts';
import type { Survey } from '../survey.ts';

/**
 * Throws WarehouseMismatch where a warehouse holds what a lake does not, and would lose it by being rebuilt from it.
 *
 * @param lake undefined where nothing was transformed yet
 */
export function refuseLoss(survey: Survey, lake: LoadedLake | undefined): void {
  const { schema, lakes, empty } = survey;
  const held = lake === undefined ? 0 : loadedVersion(survey, lake.lakeId);
  if (lake !== undefined && held > lake.version) refuseShorterLog(schema.name, lake, held);
  const others = lakes.filter(({ lakeId }) => lakeId !== lake?.lakeId);
  const unexplained = lakes.length > 0 ? [] : facts.map(({ name }) => name).filter((name) => !empty.has(name));
  const losses = [
    ...others.map(({ lakeId, version }) => `what was loaded from lake ${lakeId} up to version ${version}`),
    ...(unexplained.length > 0 ? [`the rows of ${unexplained.join(', ')}, of which etl.load_log has no load`] : []),
  ];
  if (losses.length === 0) return;
  const found = lake === undefined ? 'an empty lake' : `lake ${lake.lakeId}, which ends at version ${lake.version}`;
  throw new WarehouseMismatch(
    `warehouse schema "${schema.name}" would lose ${losses.join('; ')}: this is ${found}. ` +
      'Name the lake or the schema that was meant, or add --replace-other-lake to give that up',
  );
}

/** What is missing is of the same lake, so it may well be there: history is no price for it. */
function refuseShorterLog(schema: string, { lakeId, version }: LoadedLake, held: number): never {
  throw new WarehouseMismatch(
    `warehouse schema "${schema}" would lose versions ${version + 1} to ${held}: they are of this lake, ${lakeId}, whose ` +
      `processed log ends at version ${version}. Run totes transform, then replay again; where the raw log ends there too, ` +
      'the lake was put back to an older copy: restore it',
  );
}
