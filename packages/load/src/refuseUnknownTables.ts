import { facts, ManifestUnsupported, starTables, type ProcessedManifest } from '@totes/core';
import { retiredTables } from './retired.ts';

/** Throws ManifestUnsupported where a version has something for a table that this release cannot take. */
export function refuseUnknownTables({ version, tables, deleted = {}, late = {} }: ProcessedManifest): void {
  const without = (names: object, known: readonly string[]): string[] =>
    Object.keys(names).filter((name) => !known.includes(name));
  const unknown = [
    ...without(
      tables,
      starTables.map(({ name }) => name),
    ).map((name) => `rows of ${name}`),
    ...without(
      deleted,
      retiredTables.map(({ of }) => of.name),
    ).map((name) => `tombstones of ${name}`),
    ...without(
      late,
      facts.map(({ name }) => name),
    ).map((name) => `late rows of ${name}`),
  ];
  if (unknown.length === 0) return;
  throw new ManifestUnsupported(
    `processed version ${version} has ${unknown.join(', ')}, which this release does not know: upgrade it`,
  );
}
