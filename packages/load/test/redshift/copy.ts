import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { readFileColumns, type FileColumn } from '../../../core/test/parquetFile.ts';

/** An error of the server, with the SQLSTATE that it has. */
export class ServerError extends Error {
  readonly code: string;
  readonly detail: string;

  constructor(code: string, message: string, detail = '') {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

/** The objects of one bucket, as the cluster's role reads them. */
export interface ReadableBucket {
  readonly bucket: string;
  read(key: string): Uint8Array | undefined;
}

interface Manifest {
  readonly entries: readonly {
    readonly url: string;
    readonly mandatory: boolean;
    readonly meta: { readonly content_length: number };
  }[];
}

/** The column types that Parquet's go into; a time of day goes into none but the integer that it is stored as. */
const accepts: readonly (readonly [parquet: RegExp, column: RegExp])[] = [
  [/^Int32$/, /^integer$/],
  [/^Utf8$/, /^character varying\(\d+\)$/],
  [/^Bool$/, /^boolean$/],
  [/^Date32<DAY>$/, /^date$/],
  [/^Time64<MICROSECOND>$/, /^bigint$/],
];

const spectrum = 'Spectrum Scan Error';

/**
 * COPY from a manifest of Parquet objects, by the rules of
 * https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html: columns go by their places, and
 * their number and types must be the table's. Throws ServerError.
 */
export async function copyParquet(backend: Client, s3: ReadableBucket, table: string, place: string): Promise<number> {
  const manifest = JSON.parse(objectAt(s3, place).toString()) as Manifest;
  const { rows: columns } = await backend.query<string[]>({
    text: `SELECT format_type(atttypid, atttypmod) FROM pg_attribute
      WHERE attrelid = '${table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    rowMode: 'array',
  });
  let copied = 0;
  for (const { url, mandatory, meta } of manifest.entries) {
    const body = objectAt(s3, url);
    if (!mandatory || body.length !== meta.content_length) {
      throw new ServerError('XX000', spectrum, `${url} has ${body.length} bytes, not ${meta.content_length}`);
    }
    const file = readFileColumns(body);
    refuseOthers(
      url,
      file,
      columns.map(([type]) => type!),
    );
    copied += await insert(backend, table, file);
  }
  return copied;
}

function objectAt(s3: ReadableBucket, url: string): Buffer {
  const key = url.slice(`s3://${s3.bucket}/`.length);
  const found = url.startsWith(`s3://${s3.bucket}/`) ? s3.read(key) : undefined;
  if (found === undefined)
    throw new ServerError('XX000', 'Problem reading manifest file or object', `${url} is missing`);
  return Buffer.from(found);
}

function refuseOthers(url: string, file: readonly FileColumn[], types: readonly string[]): void {
  if (file.length !== types.length) {
    throw new ServerError('XX000', spectrum, `${url}: unmatched number of columns: ${file.length} and ${types.length}`);
  }
  for (const [i, { name, type, values }] of file.entries()) {
    const target = types[i]!;
    const decimal = /^Decimal\[(\d+)e[+]?(-?\d+)\]$/.exec(type);
    const fits =
      decimal === null
        ? accepts.some(([parquet, column]) => parquet.test(type) && column.test(target))
        : target === `numeric(${decimal[1]!},${decimal[2]!})`;
    if (!fits)
      throw new ServerError(
        'XX000',
        spectrum,
        `${url}: incompatible Parquet schema for column ${name}: ${type}, ${target}`,
      );
    const limit = Number(/^character varying\((\d+)\)$/.exec(target)?.[1] ?? Infinity);
    if (values.some((value) => value !== null && Buffer.byteLength(value) > limit)) {
      throw new ServerError(
        'XX000',
        spectrum,
        `The length of the data column ${name} is longer than the length defined in the table. Table: ${limit}`,
      );
    }
  }
}

async function insert(backend: Client, table: string, file: readonly FileColumn[]): Promise<number> {
  const count = file[0]!.values.length;
  const cell = (value: string | null): string =>
    value === null
      ? '\\N'
      : value.replace(/[\\\n\r\t]/g, (each) => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' })[each]!);
  const lines = Array.from(
    { length: count },
    (_, row) => `${file.map(({ values }) => cell(values[row]!)).join('\t')}\n`,
  );
  await pipeline(Readable.from(lines), backend.query(copyFrom(`COPY ${table} FROM STDIN`)));
  return count;
}
