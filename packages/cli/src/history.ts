import type { Lake, ObjectRef, ProcessedManifest, RawManifest } from '@totes/core';
import { table } from './output.ts';

/** A version of the lake. */
export interface VersionSummary {
  readonly version: number;
  /** When the source was read for it, ISO 8601 UTC, by the source's clock. */
  readonly readAt: string;
  /** The run that committed it. */
  readonly runId: string;
  /** Rows of the source, those that were deleted included. */
  readonly rowsRead: number;
  /** Rows of the star; null where the version is not transformed yet. */
  readonly rowsWritten: number | null;
  /** Rows that broke a rule; null as above. */
  readonly setAside: number | null;
  /** ISO 8601 UTC, by the writer's clock. */
  readonly committedAt: string;
  readonly transformedAt: string | null;
}

/** The newest versions of a lake, the newest first. Throws as its logs do. */
export async function readHistory({ raw, processed }: Lake, limit: number): Promise<VersionSummary[]> {
  const transformed = await processed.log.head();
  const head = await raw.log.head(transformed);
  const versions = Array.from({ length: Math.min(limit, head) }, (_, i) => head - i);
  return inBatches(versions, async (version) =>
    summaryOf(await raw.log.read(version), version <= transformed ? await processed.log.read(version) : undefined),
  );
}

/** Requests under way at a time. */
const batchSize = 16;

async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let i = 0; i < items.length; i += batchSize) {
    done.push(...(await Promise.all(items.slice(i, i + batchSize).map(work))));
  }
  return done;
}

const rowsOf = (objects: readonly ObjectRef[]): number => objects.reduce((sum, { rows }) => sum + rows, 0);

function summaryOf(raw: RawManifest, processed: ProcessedManifest | undefined): VersionSummary {
  const written = processed && [processed.tables, processed.late ?? {}].flatMap((each) => Object.values(each).flat());
  return {
    version: raw.version,
    readAt: raw.source.readAt,
    runId: raw.runId,
    rowsRead: rowsOf(Object.values(raw.tables).flatMap(({ objects, deleted = [] }) => [...objects, ...deleted])),
    rowsWritten: written === undefined ? null : rowsOf(written),
    setAside: processed?.quarantine.rows ?? null,
    committedAt: raw.committedAt,
    transformedAt: processed?.committedAt ?? null,
  };
}

/** The history for people. */
export function historyLines(versions: readonly VersionSummary[]): string[] {
  if (versions.length === 0) return ['No run has committed anything yet.'];
  return table(
    ['version', 'source read at', 'run', 'rows read', 'rows written', 'set aside', 'committed at'],
    versions.map(({ version, readAt, runId, rowsRead, rowsWritten, setAside, committedAt }) => [
      version,
      readAt,
      runId,
      rowsRead,
      rowsWritten ?? 'not yet',
      setAside ?? 'not yet',
      committedAt,
    ]),
  );
}
