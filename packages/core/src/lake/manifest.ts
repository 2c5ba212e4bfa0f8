/** The newest manifest format that this release writes and reads. */
export const manifestFormat = 2;

/** One immutable object of the lake, as a manifest records it. */
export interface ObjectRef {
  readonly key: string;
  readonly rows: number;
  /** Its size as stored, in bytes. */
  readonly bytes: number;
  /** Of the bytes as stored, in hexadecimal. */
  readonly sha256: string;
}

/** What every entry of a log has. */
export interface LogEntry {
  readonly format: number;
  readonly kind: string;
  /** Its place in the log, from 1 without gaps. */
  readonly version: number;
  /** The run that wrote it. */
  readonly runId: string;
}

interface Manifest extends LogEntry {
  /** Made with version 1 and carried on; tells this lake from any other. */
  readonly lakeId: string;
  /** ISO 8601, UTC, by the writer's clock: for people, never for ordering. */
  readonly committedAt: string;
  readonly codeVersion: string;
}

/** How raw rows are written: by PostgreSQL's own COPY as CSV, or as one JSON object a line. */
export type RawFormat = 'csv' | 'json';

/** A column as the source's catalog had it. A changed `number` is another column of the same name. */
export interface SeenColumn {
  readonly name: string;
  /** As PostgreSQL's format_type writes it; an enumeration with its labels, which can be renamed under its rows. */
  readonly type: string;
  readonly nullable: boolean;
  readonly number: number;
  /** The type beneath, with its modifiers, where that differs: of a domain, whose name does not say what it holds. */
  readonly storedType?: string;
}

export interface RawTable {
  /** Object ids of the table and of its partitions: rows of another relation may be new though their xmin is old. */
  readonly relations: readonly number[];
  readonly columns: readonly SeenColumn[];
  /** Empty where the table had no change. */
  readonly objects: readonly ObjectRef[];
  /**
   * Tombstones: the keys that somebody asked for and that are not in the source any more, as CSV of the primary key's
   * column, zstd. Absent where there are none.
   */
  readonly deleted?: readonly ObjectRef[];
  /** Whether `objects` hold the whole table or only what may have changed. */
  readonly capture: 'full' | 'delta';
  readonly format: RawFormat;
  /** Of the rows last written for this table, uncompressed: rows re-sent unchanged are recognised by it. */
  readonly contentSha256?: string;
  /** The greatest last_updated seen, where the table is captured by it. */
  readonly watermark?: string;
}

/** The look at the source that a version shows. */
export interface SourcePosition {
  /** Of the cluster, from its control file. */
  readonly systemIdentifier: string;
  readonly timeline: number;
  readonly databaseOid: number;
  readonly database: string;
  readonly schema: string;
  /** pg_current_snapshot(): xmin:xmax:xip,… */
  readonly snapshot: string;
  /** The source's clock when the snapshot was taken, ISO 8601 UTC. */
  readonly readAt: string;
  /** When the source's server was started, by its own clock, ISO 8601 UTC; absent in manifests of older releases. */
  readonly startedAt?: string;
}

/** Version N of the raw log: one consistent look at the source. */
export interface RawManifest extends Manifest {
  readonly kind: 'raw';
  readonly source: SourcePosition;
  /** Every table seen, by name. */
  readonly tables: Readonly<Record<string, RawTable>>;
  /** Why everything was read again, where it was. */
  readonly fullReadBecause?: string;
  /** The newest request that this and all earlier versions have served; absent where there was none. */
  readonly requests?: number;
  /** The run that wrote that request: by another run, it is another request under the same number. */
  readonly requestRunId?: string;
  /** Whether a request was served to try all rows again that are set aside, those that a later version followed too. */
  readonly retry?: true;
  /** The newest entry of the exchange rates that this version and all earlier ones bring; absent where there is none. */
  readonly rates?: number;
}

/**
 * A request to look again, kept in the raw bucket as entry N of a log of its own, `requests/`. The next run of ingest
 * serves it, so whoever asks needs no right but to write it, and asking twice does no harm.
 */
export interface LookRequest extends LogEntry {
  readonly kind: 'request';
  /** ISO 8601, UTC, by the writer's clock. */
  readonly requestedAt: string;
  /** Who asked, for people: `verify`, `quarantine retry`. */
  readonly requestedBy: string;
  /** Primary keys by declared source table: their rows are read again whatever xmin says, or found to be deleted. */
  readonly keys?: Readonly<Record<string, readonly number[]>>;
  /** See `RawManifest.retry`. */
  readonly retry?: true;
}

/**
 * Exchange rates, kept in the raw bucket as entry N of a log of its own, `rates/`: those that no earlier entry has, or
 * that replace one of an earlier entry. The next run of ingest takes it into its version.
 */
export interface RatesEntry extends LogEntry {
  readonly kind: 'rates';
  /** ISO 8601, UTC, by the writer's clock. */
  readonly fetchedAt: string;
  readonly codeVersion: string;
  /** The URL or the file that they come from. */
  readonly from: string;
  /** The newest day, YYYY-MM-DD, of which this or any earlier entry has a rate. */
  readonly newestDay: string;
  /** CSV, zstd, its columns those of dim_exchange_rate; each key once. */
  readonly object: ObjectRef;
}

/** What the rows of an object of the processed bucket are: see the fields of ProcessedManifest with these names. */
export const rowKinds = ['tables', 'late', 'deleted'] as const;
export type RowKind = (typeof rowKinds)[number];

/** An object of one version, which it names, or of several merged: then the column `version` of its rows says which. */
export interface CompactedRef extends ObjectRef {
  readonly version?: number;
}

/**
 * Where all rows of versions 1 to `to` are, for whoever reads the lake as a table: objects of the versions themselves,
 * and others into which small ones were merged. They are as in ProcessedManifest, in the order of their versions.
 */
export interface Compacted {
  readonly to: number;
  readonly tables: Readonly<Record<string, readonly CompactedRef[]>>;
  readonly late?: Readonly<Record<string, readonly CompactedRef[]>>;
  readonly deleted?: Readonly<Record<string, readonly CompactedRef[]>>;
}

/** Version N of the processed log: version N of the raw log, transformed. */
export interface ProcessedManifest extends Manifest {
  readonly kind: 'processed';
  readonly source: SourcePosition;
  /** Parquet objects by warehouse table; a table without rows in this version is absent. */
  readonly tables: Readonly<Record<string, readonly ObjectRef[]>>;
  /** Tombstones by warehouse table: Parquet of its key's column alone. Absent where there are none. */
  readonly deleted?: Readonly<Record<string, readonly ObjectRef[]>>;
  /**
   * Rows of facts that were set aside once and hold now, by warehouse table, though a later version of the same key is
   * known: history that never comes into force. In the order of their versions; a key may be there more than once.
   */
  readonly late?: Readonly<Record<string, readonly ObjectRef[]>>;
  /**
   * The newest entry of the exchange rates whose rows this and all earlier versions have; absent where there is none.
   * Behind the raw version's only where a release that knew no rates made one of them: the next version catches up.
   */
  readonly rates?: number;
  /** Only in versions that compacted the log; load, which needs every version by itself, passes it over. */
  readonly compacted?: Compacted;
  /** The newest version up to this one that has `compacted`, and how far that goes; absent where there is none. */
  readonly compaction?: { readonly version: number; readonly to: number };
  /** What the next version needs to know of all earlier ones, by name. */
  readonly state: Readonly<Record<string, ObjectRef>>;
  readonly quarantine: {
    readonly objects: readonly ObjectRef[];
    /** Rows set aside in this version. */
    readonly rows: number;
    /** Rows set aside in this and all earlier versions. */
    readonly total: number;
    /** Rows that the warehouse lacks after this version because they are set aside; absent in format 1. */
    readonly waiting?: number;
  };
}
