import { facts, WarehouseMismatch } from '@totes/core';
import { loadedVersion } from '../nextStep.ts';
import type { LoadedLake, Survey } from '../survey.ts';

/**
 * Throws WarehouseMismatch where a warehouse holds what a lake does not, and would lose it by being rebuilt from it.
 *
 * @param lake undefined where nothing was transformed yet
 */
export function refuseLoss(survey: Survey, lake: LoadedLake | undefined): void {
  const { schema, lakes, empty } = survey;
  const others = lakes.filter(({ lakeId }) => lakeId !== lake?.lakeId);
  const held = lake === undefined ? 0 : loadedVersion(survey, lake.lakeId);
  const unexplained = lakes.length > 0 ? [] : facts.map(({ name }) => name).filter((name) => !empty.has(name));
  const losses = [
    ...others.map(({ lakeId, version }) => `what was loaded from lake ${lakeId} up to version ${version}`),
    ...(lake !== undefined && held > lake.version ? [`versions ${lake.version + 1} to ${held}`] : []),
    ...(unexplained.length > 0 ? [`the rows of ${unexplained.join(', ')}, of which etl.load_log has no load`] : []),
  ];
  if (losses.length === 0) return;
  const found = lake === undefined ? 'an empty lake' : `lake ${lake.lakeId}, which ends at version ${lake.version}`;
  throw new WarehouseMismatch(
    `warehouse schema "${schema.name}" would lose ${losses.join('; ')}: this is ${found}. ` +
      'Name the lake or the schema that was meant, or add --replace-other-lake to give that up',
  );
}
