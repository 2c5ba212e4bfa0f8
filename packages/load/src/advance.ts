import { failure, LakeCorrupt, type ProcessedBucket, type ProcessedManifest, whereIs } from '@totes/core';
import { refuseEarlierLake } from './adoption.ts';
import { dialectOf } from './dialectOf.ts';
import type { LakeHead } from './lakeHead.ts';
import type { LoadedLake } from './ledger.ts';
import { loadVersion, type LoadedVersion } from './loadVersion.ts';
import { refuseMissingRows } from './missingRows.ts';
import { loadedVersion, nextStep } from './nextStep.ts';
import type { LoadOptions } from './options.ts';
import { refuseOtherVersion } from './otherVersion.ts';
import { surveyWarehouse } from './survey.ts';

export interface Advance {
  /** The version of the lake that the warehouse holds then. */
  readonly held: number;
  /** Undefined where there was none to load. */
  readonly loaded: LoadedVersion | undefined;
  /** The manifest of the newest version that was read: of the one held, where that was loaded now. */
  readonly newest: ProcessedManifest;
}

/**
 * The work of one transaction, under the lock: makes the schema as the star declares it and loads the next version of
 * the lake, where there is one. It decides by what it finds under the lock, so what was known before may be out of date.
 */
export async function advance(options: LoadOptions, lake: LakeHead): Promise<Advance> {
  const { warehouse, processed, schema, adopt } = options;
  const survey = await surveyWarehouse(warehouse, schema);
  const step = nextStep(survey, lake, adopt);
  const before = loadedVersion(survey, lake.lakeId);
  if (step?.afresh !== true && before > 0 && before <= lake.version) {
    // Another process may have loaded, or exchanged the warehouse, since the lake was compared with it.
    await refuseOtherVersion(options, lake.common.version === before ? lake.common : await processed.log.read(before));
  }
  const manifest = step && (await readManifest(processed, lake, step.version));
  if (manifest?.version === 1 && step?.afresh === false) await refuseEarlierLake(options, manifest);
  const filling = tablesToFill(manifest, survey.empty);
  const plan = dialectOf(warehouse).planSchema(survey.schema, survey.relations, filling);
  try {
    for (const statement of plan.before) await warehouse.query(statement);
    const loaded =
      manifest &&
      (await loadVersion(options, { manifest, afresh: step.afresh, empty: survey.empty, head: lake.version }));
    for (const statement of plan.after) await warehouse.query(statement);
    return { held: loaded?.version ?? before, loaded, newest: manifest ?? lake.common };
  } catch (error) {
    if (step?.afresh === false) refuseMissingRows(schema, step.version, error);
    const doing = step === undefined ? 'preparing' : `loading version ${step.version} into`;
    throw failure('warehouse', `${whereIs(warehouse)}, ${doing} schema "${schema}"`, error);
  }
}

/** The empty tables into which a version has nothing but rows: what else it may have looks keys up. */
function tablesToFill(manifest: ProcessedManifest | undefined, empty: ReadonlySet<string>): string[] {
  const { tables = {}, late = {}, deleted = {} } = manifest ?? {};
  return Object.keys(tables).filter(
    (name) => empty.has(name) && late[name] === undefined && deleted[name] === undefined,
  );
}

async function readManifest(bucket: ProcessedBucket, lake: LoadedLake, version: number): Promise<ProcessedManifest> {
  const manifest = await bucket.log.read(version);
  if (manifest.lakeId === lake.lakeId) return manifest;
  throw new LakeCorrupt(
    `${bucket.store.uri}: processed version ${version} is of lake ${manifest.lakeId}, others of ${lake.lakeId}: ` +
      'two lakes were mixed; restore the log of one',
  );
}
