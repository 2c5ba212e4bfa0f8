import {
  ConfigInvalid,
  databaseUrl,
  isRedshift,
  newRunId,
  openLake,
  withPostgres,
  type Lake,
  type RawFormat,
} from '@totes/core';
import {
  ingest,
  rehearse as rehearseIngest,
  type CaptureModes,
  type IngestOptions,
  type IngestResult,
  type Rehearsal,
} from '@totes/ingest';
import { load, rehearse, type LoadResult } from '@totes/load';
import { pool, transform, type TransformResult } from '@totes/transform';
import type { Client } from 'pg';
import { fromCallersFolder } from './callersFolder.ts';
import { refuseEmptyLake } from './emptyLake.ts';
import { codeVersion } from './release.ts';

type OnProgress = (stage: string, table: string, rows: number) => void;

export interface IngestInput {
  readonly source: string;
  readonly lake: string;
  readonly rawFormat: RawFormat;
  readonly sourceSchema: string;
  readonly capture: CaptureModes;
  /** Columns that may be narrower than at the version before, or replaced, as `table.column`. */
  readonly acceptNarrowed?: readonly string[];
  /** How many connections read large tables at once; one where it is absent. */
  readonly connections?: number;
}

export interface LoadInput {
  readonly lake: string;
  readonly warehouse: string;
  readonly schema: string;
  /** Whether a warehouse that was loaded from another lake goes on from this one. */
  readonly adopt?: true;
}

export interface TransformInput {
  readonly lake: string;
  /** How many threads transform large tables at once; one where it is absent. */
  readonly workers?: number;
}

export type RunInput = IngestInput & LoadInput & TransformInput;

/** What `totes run --json` prints. */
export interface RunResult {
  /** The version that the lake and the warehouse are at. */
  readonly version: number;
  /** Whether there was anything new in the source. */
  readonly committed: boolean;
  readonly read: Readonly<Record<string, number>>;
  /** Rows found to be deleted in the source, by source table. */
  readonly deleted: Readonly<Record<string, number>>;
  readonly loaded: Readonly<Record<string, number>>;
  /** Rows set aside in the versions that this run transformed. */
  readonly quarantined: number;
  /** Rows that the warehouse lacks because they are set aside. */
  readonly waiting: number;
  /** Where rows that were set aside are. */
  readonly quarantine: string;
  /** Fact rows that changed although their last_updated did not. */
  readonly warnings: number;
  /** What somebody should know of: a full read and why, tables that could not be read. */
  readonly notices: readonly string[];
  readonly seconds: number;
}

const now = (): Date => new Date();

/**
 * Ingests, transforms and loads once. Whether the warehouse can be reached and made ready is known before the source is
 * read, so that a run that cannot end well leaves nothing behind.
 */
export async function runPipeline(input: RunInput, onProgress: OnProgress): Promise<RunResult> {
  const started = performance.now();
  const runId = newRunId(new Date());
  const lake = await openLakeHere(input.lake);
  const { ingested, transformed, loaded } = await using('warehouse', input.warehouse, async (warehouse) => {
    await rehearse({ warehouse, processed: lake.processed, schema: input.schema });
    const ingested = await ingestInto(lake, input, runId, onProgress, () => refuseEmptyLake(warehouse, input));
    const transformed = await transformIn(lake, input, runId, onProgress);
    return { ingested, transformed, loaded: await loadFrom(lake, warehouse, input, onProgress) };
  });
  return {
    version: loaded.version,
    committed: ingested.committed,
    read: ingested.read,
    deleted: ingested.deleted,
    loaded: loaded.loaded,
    quarantined: transformed.quarantined,
    waiting: transformed.waiting,
    quarantine: `${lake.processed.store.uri}/quarantine/`,
    warnings: loaded.warnings,
    notices: ingested.notices,
    seconds: Math.round(performance.now() - started) / 1000,
  };
}

/** Ingest alone. */
export async function runIngest(input: IngestInput, onProgress: OnProgress): Promise<IngestResult> {
  return ingestInto(await openLakeHere(input.lake), input, newRunId(new Date()), onProgress);
}

/** Transform alone. */
export async function runTransform(input: TransformInput, onProgress: OnProgress): Promise<TransformResult> {
  return transformIn(await openLakeHere(input.lake), input, newRunId(new Date()), onProgress);
}

/** Load alone. */
export async function runLoad(input: LoadInput, onProgress: OnProgress): Promise<LoadResult> {
  const lake = await openLakeHere(input.lake);
  return using('warehouse', input.warehouse, (warehouse) => loadFrom(lake, warehouse, input, onProgress));
}

/** What ingest would find in the source now; the lake stays as it is. Throws as ingest does. */
export const tryIngest = (lake: Lake, input: IngestInput): Promise<Rehearsal> =>
  using('source', input.source, async (source) => {
    await waitBriefly(source);
    return rehearseIngest({ source, ...ingestion(lake, input, newRunId(new Date())) });
  });

/** Who asks how things are is not to wait for another session's lock. Redshift has no such setting. */
export async function waitBriefly(client: Client): Promise<void> {
  if (!isRedshift(client)) await client.query(`SET lock_timeout = '3s'`);
}

/** Opens the lake at a place as `--lake` names it. Throws as `openLake` does. */
export const openLakeHere = (place: string): Promise<Lake> =>
  openLake(place === '' || place.includes('://') ? place : fromCallersFolder(place));

/** Connects, works and disconnects. */
export const using = async <T>(
  side: 'source' | 'warehouse',
  setting: string,
  work: (client: Client) => Promise<T>,
): Promise<T> => withPostgres({ url: await urlOf(side, setting), side, applicationName: `totes ${side}` }, work);

async function urlOf(side: string, setting: string): Promise<string> {
  if (setting.includes('…')) {
    throw new ConfigInvalid(
      `--${side} holds "…", which stands for what is not shown: write the password, or the URL, there`,
    );
  }
  try {
    return await databaseUrl(setting);
  } catch (error) {
    if (error instanceof ConfigInvalid) throw new ConfigInvalid(`--${side}: ${error.message}`);
    throw error;
  }
}

const ingestion = ({ raw }: Lake, input: IngestInput, runId: string): Omit<IngestOptions, 'source'> => ({
  raw,
  options: {
    format: input.rawFormat,
    schema: input.sourceSchema,
    capture: input.capture,
    acceptNarrowed: input.acceptNarrowed ?? [],
  },
  runId,
  codeVersion,
  now,
});

async function ingestInto(
  lake: Lake,
  input: IngestInput,
  runId: string,
  onProgress: OnProgress,
  beforeFirst?: () => Promise<void>,
): Promise<IngestResult> {
  const target = { url: await urlOf('source', input.source), side: 'source', applicationName: 'totes source' } as const;
  return withPostgres(target, (source) =>
    ingest({
      source,
      ...ingestion(lake, input, runId),
      readers: { target, connections: input.connections ?? 1 },
      ...(beforeFirst && { beforeFirst }),
      onProgress: ({ table, rows }) => {
        onProgress('ingest', table, rows);
      },
    }),
  );
}

const transformIn = (
  lake: Lake,
  { workers = 1 }: TransformInput,
  runId: string,
  onProgress: OnProgress,
): Promise<TransformResult> =>
  transform({
    ...lake,
    runSlices: pool(workers),
    runId,
    codeVersion,
    now,
    onProgress: ({ table, rows }) => {
      onProgress('transform', table, rows);
    },
  });

const loadFrom = (lake: Lake, warehouse: Client, input: LoadInput, onProgress: OnProgress): Promise<LoadResult> =>
  load({
    warehouse,
    processed: lake.processed,
    schema: input.schema,
    codeVersion,
    ...(input.adopt && { adopt: input.adopt }),
    onProgress: ({ table, rows }) => {
      onProgress('load', table, rows);
    },
  });
