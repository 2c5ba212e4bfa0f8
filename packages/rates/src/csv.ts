import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { ratesTable, starTable } from '@totes/core';
import { base, keyOf, type Rate } from './rate.ts';

const header = starTable(ratesTable)
  .columns.map(({ name }) => name)
  .join(',');

/** The object of an entry: CSV with the columns of the dimension, zstd. No value of a rate needs quotes. */
export const packed = (rates: readonly Rate[]): Promise<Buffer> =>
  promisify(zstdCompress)(Buffer.from([header, ...rates.map(row), ''].join('\n')));

const row = (rate: Rate): string => [keyOf(rate), rate.day, rate.currency, base, rate.rate].join(',');

/** The published decimal of each rate of such an object, by its key. */
export async function unpacked(bytes: Uint8Array): Promise<ReadonlyMap<number, string>> {
  const [, ...rows] = (await promisify(zstdDecompress)(bytes)).toString('utf8').trimEnd().split('\n');
  return new Map(
    rows.map((row): [number, string] => {
      const cells = row.split(',');
      return [Number(cells[0]), cells[4]!];
    }),
  );
}
