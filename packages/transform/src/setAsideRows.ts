import { Readable } from 'node:stream';
import {
  decode,
  identifier,
  LakeCorrupt,
  messageOf,
  type DecodedBatch,
  type Log,
  type RawManifest,
  type RawTable,
} from '@totes/core';
import type { OpenEntry } from './openRows.ts';
import type { Rules } from './star/check.ts';

/** Rows that were set aside, decoded again; or why the release of now has no use for rows of their version. */
export type DecodedAgain =
  | { readonly entries: readonly OpenEntry[]; readonly batch: DecodedBatch }
  | { readonly entries: readonly OpenEntry[]; readonly reason: string };

/** Manifests read at once: they are small, and a row may wait from each of hundreds of versions. */
const readsAtOnce = 16;

/** Decodes rows that were set aside in earlier versions, as they would be decoded had they arrived now. */
export class SetAsideRows {
  readonly #log: Log<RawManifest>;
  readonly #manifests = new Map<number, RawManifest>();

  /** @param log the raw log: the manifest of a row's version says what its text is */
  constructor(log: Log<RawManifest>) {
    this.#log = log;
  }

  /** The rows of one table, in the given order, as its rules have them. Throws LakeCorrupt where they cannot be read. */
  async *decode(entries: readonly OpenEntry[], rules: Rules): AsyncGenerator<DecodedAgain> {
    const byVersion = Map.groupBy(entries, ({ row }) => row.version);
    await this.#read([...byVersion.keys()]);
    for (const [version, rows] of byVersion) yield* this.#decodeVersion(version, rows, rules);
  }

  async *#decodeVersion(version: number, entries: OpenEntry[], rules: Rules): AsyncGenerator<DecodedAgain> {
    const table = this.#manifests.get(version)!.tables[rules.table];
    if (table === undefined)
      throw new LakeCorrupt(`raw version ${version} has no ${rules.table}, though a row of it waits`);
    const columns = table.columns.map(({ name }) => name);
    const lacking = rules.projection.find(({ source }) => !columns.includes(source));
    if (lacking !== undefined) {
      yield { entries, reason: `${rules.table}.${lacking.source} is not among the columns of version ${version}` };
      return;
    }
    try {
      const batches = decode(
        Readable.from(texts(table, columns, entries)),
        { format: table.format, columns },
        rules.projection,
      );
      for await (const batch of batches) {
        yield { entries: entries.slice(batch.firstRow, batch.firstRow + batch.rows), batch };
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new LakeCorrupt(`a row of ${rules.table} set aside in version ${version}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  async #read(versions: readonly number[]): Promise<void> {
    const missing = versions.filter((version) => !this.#manifests.has(version));
    for (let at = 0; at < missing.length; at += readsAtOnce) {
      const read = missing.slice(at, at + readsAtOnce).map((version) => this.#log.read(version));
      for (const manifest of await Promise.all(read)) this.#manifests.set(manifest.version, manifest);
    }
  }
}

/** The rows as an object of the lake has them. */
function* texts({ format }: RawTable, columns: readonly string[], entries: readonly OpenEntry[]): Generator<Buffer> {
  if (format === 'csv') {
    yield Buffer.from(`${columns.map((name) => identifier(name)).join(',')}\n`);
  }
  for (const { row } of entries) yield Buffer.from(`${row.raw}\n`);
}
