import type { ProcessedManifest, RawManifest } from '@totes/core';
import type { FiringAlarm } from '../stack/alarms.ts';
import type { Runs } from '../stack/runs.ts';
import type { StageRuns } from '../stack/stageRuns.ts';
import type { SourceNews } from './sourceState.ts';

export type ProblemKind =
  | 'unreachable'
  | 'emptied'
  | 'mismatch'
  | 'incomplete'
  | 'otherLake'
  | 'emptyLake'
  | 'rebuiltLog'
  | 'olderLake'
  | 'stuck'
  | 'late'
  | 'behind'
  | 'empty'
  | 'drifted'
  | 'quarantined'
  | 'report'
  | 'alarm';

/** Something that somebody should do something about. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly message: string;
  /** The command to run next. A password is left out of it. */
  readonly next: string;
  /** Whether it helps only when what the message names was mended, which no command does. */
  readonly afterMending?: true;
}

export interface LogHead {
  readonly version: number;
  readonly committedAt: string | null;
  readonly runId: string | null;
}

export interface WarehouseHead {
  readonly schema: string;
  /** 0 where nothing of this lake was ever loaded into it. */
  readonly version: number;
  readonly loadedAt: string | null;
  /** Whether it was loaded from another lake than this one, and so cannot be loaded from this. */
  readonly otherLake: boolean;
  /** When the last successful run asked it, where it is known from that alone. */
  readonly asOf?: string;
}

/** How far the last stage is behind the raw log. */
export interface Lag {
  /** Versions of the raw log that the last stage asked about has not taken in. */
  readonly versions: number;
  /** Since the source was read for the oldest of them, in seconds; 0 where there is none. */
  readonly seconds: number;
  /** When that was, ISO 8601 UTC. */
  readonly since: string | null;
  /** The stage to run next, or null where all are level. */
  readonly next: 'transform' | 'load' | null;
}

/** What `totes status --json` prints. What cannot be reached is null. */
export interface Status {
  readonly healthy: boolean;
  /** The most important one first. */
  readonly problems: readonly Problem[];
  readonly lake: string;
  readonly raw: LogHead | null;
  readonly processed: LogHead | null;
  /** Absent where no warehouse was named, or nothing tells of it; null too where it holds only a part of its tables. */
  readonly warehouse?: WarehouseHead | null;
  readonly lag: Lag | null;
  /** What the next run would read. Absent where no source was named; null where it cannot be read. */
  readonly source?: SourceNews | null;
  /** The run that committed last, and when it read the source. */
  readonly lastRun: { readonly runId: string; readonly readAt: string; readonly committedAt: string } | null;
  /** Rows set aside in all versions so far, those that were mended since included. */
  readonly quarantined: number | null;
  /** Those of them that the warehouse lacks still. */
  readonly waiting: number | null;
  /** Where they are. */
  readonly quarantine: string;
  /** How the source's schema changed with the newest version. */
  readonly drift: readonly string[];
  /** Of a deployed state machine. */
  readonly runs?: Runs | null;
  /** Of deployed stages that the lake's commits start, by stage. */
  readonly stages?: Readonly<Record<string, StageRuns>> | null;
  /** Of a deployed stack: the alarms that are firing. */
  readonly alarms?: readonly FiringAlarm[] | null;
}

export const headOf = (manifest: RawManifest | ProcessedManifest | null): LogHead => ({
  version: manifest?.version ?? 0,
  committedAt: manifest?.committedAt ?? null,
  runId: manifest?.runId ?? null,
});

/** What the raw log's head says of the run that committed it. */
export const lastRunOf = (raw: RawManifest | null): Status['lastRun'] =>
  raw && { runId: raw.runId, readAt: raw.source.readAt, committedAt: raw.committedAt };
