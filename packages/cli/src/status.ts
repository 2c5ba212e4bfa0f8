import type { Lake, ProcessedManifest, RawManifest } from '@totes/core';
import { warehouseStatus, type WarehouseStatus } from '@totes/load';
import { formatNumber, formatSeconds, table } from './output.ts';
import { openLakeHere, using } from './pipeline.ts';

interface LogHead {
  readonly version: number;
  readonly committedAt: string | null;
  readonly runId: string | null;
}

/** What `totes status --json` prints. */
export interface Status {
  readonly lake: string;
  readonly raw: LogHead;
  readonly processed: LogHead;
  /** Absent where no warehouse was named; version 0 where nothing was ever loaded into it. */
  readonly warehouse?: {
    readonly schema: string;
    readonly version: number;
    readonly loadedAt: string | null;
    /** Whether it was loaded from another lake than this one, and so cannot be loaded from this. */
    readonly otherLake: boolean;
  };
  readonly lag: {
    /** Versions of the raw log that the last stage asked about has not taken in. */
    readonly versions: number;
    /** Since the source was read for the oldest of them, in seconds; 0 where there is none. */
    readonly seconds: number;
    /** The stage to run next, or null where all are level. */
    readonly next: 'transform' | 'load' | null;
  };
  /** The run that committed last, and when it read the source. */
  readonly lastRun: { readonly runId: string; readonly readAt: string; readonly committedAt: string } | null;
  /** Rows set aside in all versions so far, those that were mended since included. */
  readonly quarantined: number;
  /** Those of them that the warehouse lacks still. */
  readonly waiting: number;
  /** Where they are. */
  readonly quarantine: string;
}

/** Where the pipeline stands, from the lake's logs and, where it is named, the warehouse's ledger. */
export async function pipelineStatus(
  { lake: uri, warehouse, schema }: { lake: string; warehouse?: string | undefined; schema: string },
  now: Date,
): Promise<Status> {
  const lake = await openLakeHere(uri);
  const [raw, processed, loaded] = await Promise.all([
    headOf(lake.raw.log),
    headOf(lake.processed.log),
    warehouse === undefined
      ? undefined
      : using('warehouse', warehouse, async (client) => (await warehouseStatus(client, schema)) ?? null),
  ]);
  const mine = loaded != null && loaded.lakeId === raw?.lakeId ? loaded : null;
  return {
    lake: lake.raw.store.uri.replace(/\/ingestion$/, ''),
    raw: summary(raw),
    processed: summary(processed),
    ...(loaded === undefined
      ? {}
      : {
          warehouse: {
            schema,
            version: mine?.version ?? 0,
            loadedAt: mine?.loadedAt ?? null,
            otherLake: loaded !== null && mine === null,
          },
        }),
    lag: await lag(lake, raw, processed, loaded === undefined ? undefined : mine, now),
    lastRun: raw && { runId: raw.runId, readAt: raw.source.readAt, committedAt: raw.committedAt },
    quarantined: processed?.quarantine.total ?? 0,
    waiting: processed?.quarantine.waiting ?? 0,
    quarantine: `${lake.processed.store.uri}/quarantine/`,
  };
}

async function headOf<M extends RawManifest | ProcessedManifest>(log: {
  head(): Promise<number>;
  read(version: number): Promise<M>;
}): Promise<M | null> {
  const version = await log.head();
  return version === 0 ? null : log.read(version);
}

const summary = (manifest: RawManifest | ProcessedManifest | null): LogHead => ({
  version: manifest?.version ?? 0,
  committedAt: manifest?.committedAt ?? null,
  runId: manifest?.runId ?? null,
});

async function lag(
  { raw: { log } }: Lake,
  raw: RawManifest | null,
  processed: ProcessedManifest | null,
  loaded: WarehouseStatus | null | undefined,
  now: Date,
): Promise<Status['lag']> {
  const head = raw?.version ?? 0;
  const transformed = processed?.version ?? 0;
  const reached = loaded === undefined ? transformed : (loaded?.version ?? 0);
  if (reached >= head) return { versions: 0, seconds: 0, next: null };
  const { readAt } = (await log.read(reached + 1)).source;
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(readAt)) / 1000));
  return { versions: head - reached, seconds, next: transformed < head ? 'transform' : 'load' };
}

/** The status for people. */
export function statusLines(status: Status): string[] {
  const at = (time: string | null | undefined): string => time ?? 'never';
  const rows: [string, number, string][] = [
    ['raw log', status.raw.version, at(status.raw.committedAt)],
    ['processed log', status.processed.version, at(status.processed.committedAt)],
  ];
  if (status.warehouse) {
    rows.push([`warehouse schema ${status.warehouse.schema}`, status.warehouse.version, at(status.warehouse.loadedAt)]);
  }
  const { versions, seconds, next } = status.lag;
  return [
    `Lake ${status.lake}`,
    ...table(['', 'version', 'since'], rows),
    versions === 0
      ? 'Level: nothing waits to be transformed or loaded.'
      : `Behind by ${versions} version${versions === 1 ? '' : 's'}, ${formatSeconds(seconds)}: \`totes ${next!}\` is next.`,
    status.lastRun
      ? `Last change: run ${status.lastRun.runId}, which read the source at ${status.lastRun.readAt}.`
      : 'No run has committed anything yet.',
    ...(status.warehouse?.otherLake === true
      ? [`Warehouse schema ${status.warehouse.schema} was loaded from another lake than this one.`]
      : []),
    quarantineLine(status),
  ];
}

function quarantineLine({ quarantined, waiting, lake }: Status): string {
  if (waiting > 0)
    return `${formatNumber(waiting)} rows are set aside: \`totes quarantine list --lake ${lake}\` says why.`;
  if (quarantined === 0) return 'No row was ever set aside.';
  return `No row is set aside; ${formatNumber(quarantined)} were once.`;
}
