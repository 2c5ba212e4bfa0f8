/**
 * Every error this product raises on purpose. The name is a string literal, because Step Functions matches
 * retries on it and a bundler may rename classes; `transient` says whether trying again can help.
 */
export abstract class TotesError extends Error {
  abstract override readonly name: string;
  abstract readonly transient: boolean;
}

/** The source database cannot be reached or went away while it was read. */
export class SourceUnavailable extends TotesError {
  override readonly name = 'SourceUnavailable';
  override readonly transient = true;
}

/** The snapshot that the slices of a look share is gone, because the transaction that kept it ended; nothing is committed. */
export class SnapshotLost extends TotesError {
  override readonly name = 'SnapshotLost';
  override readonly transient = true;
}

/** The slices of a look took longer than a function may keep their snapshot. */
export class LookTooLong extends TotesError {
  override readonly name = 'LookTooLong';
  override readonly transient = false;
}

/** The source database answered and said no: wrong password, unknown database, missing right. */
export class SourceRefused extends TotesError {
  override readonly name = 'SourceRefused';
  override readonly transient = false;
}

/** A table or column that the star needs is missing from the source, or has a type that cannot be read exactly. */
export class SourceSchemaDrift extends TotesError {
  override readonly name = 'SourceSchemaDrift';
  override readonly transient = false;
}

/** The warehouse cannot be reached or went away while it was loaded. */
export class WarehouseUnavailable extends TotesError {
  override readonly name = 'WarehouseUnavailable';
  override readonly transient = true;
}

/** The warehouse answered and said no: wrong password, unknown database, missing right, rejected statement. */
export class WarehouseRefused extends TotesError {
  override readonly name = 'WarehouseRefused';
  override readonly transient = false;
}

/** The warehouse holds tables or rows that the ledger or the declared star schema does not explain. */
export class WarehouseMismatch extends TotesError {
  override readonly name = 'WarehouseMismatch';
  override readonly transient = false;
}

/** The object store did not answer, or answered with a passing fault. */
export class LakeUnavailable extends TotesError {
  override readonly name = 'LakeUnavailable';
  override readonly transient = true;
}

/** The object store said no: missing right, read-only folder, no such bucket, full disk. */
export class LakeRefused extends TotesError {
  override readonly name = 'LakeRefused';
  override readonly transient = false;
}

/** An object of the lake is missing, truncated, altered or not readable as what its manifest says it is. */
export class LakeCorrupt extends TotesError {
  override readonly name = 'LakeCorrupt';
  override readonly transient = false;
}

/** Two logs, or a log and a warehouse, that were to follow one another do not belong to the same lake. */
export class LakeMismatch extends TotesError {
  override readonly name = 'LakeMismatch';
  override readonly transient = false;
}

/** A manifest was written by a newer release of this product. */
export class ManifestUnsupported extends TotesError {
  override readonly name = 'ManifestUnsupported';
  override readonly transient = false;
}

/** Another writer kept committing first; the work is safe to start again. */
export class CommitConflict extends TotesError {
  override readonly name = 'CommitConflict';
  override readonly transient = true;
}

/** A setting is missing or wrong; the message lists every problem found, never a secret. */
export class ConfigInvalid extends TotesError {
  override readonly name = 'ConfigInvalid';
  override readonly transient = false;
}

/** Secrets Manager did not answer, or answered with a passing fault. */
export class SecretUnavailable extends TotesError {
  override readonly name = 'SecretUnavailable';
  override readonly transient = true;
}

/** Who publishes the exchange rates did not answer, or answered with a passing fault. */
export class RatesUnavailable extends TotesError {
  override readonly name = 'RatesUnavailable';
  override readonly transient = true;
}

/** Who publishes the exchange rates said no, or the file that was named cannot be read. */
export class RatesRefused extends TotesError {
  override readonly name = 'RatesRefused';
  override readonly transient = false;
}

/** What was fetched are no exchange rates in the ECB's format, or one of them cannot be. */
export class RatesInvalid extends TotesError {
  override readonly name = 'RatesInvalid';
  override readonly transient = false;
}

/** The text of an error, for use inside another error's message. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
