import { fiveDigits, type RawFormat } from '@totes/core';

const extension: Readonly<Record<RawFormat, string>> = { csv: 'csv', json: 'jsonl' };

/** A name as one part of a key: "/", "%" and what a file system or a URL may not hold as %XX, "." and ".." too. */
const part = (name: string): string =>
  encodeURIComponent(name).replace(/[!'()*]|^\.+$/g, (text) =>
    Array.from(text, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`).join(''),
  );

/**
 * Where the rows of a table, or of one of its slices, go: `raw/<table>/<yyyy>/<mm>/<dd>/<folder>/part-00000.<format>.zst`,
 * the date in UTC.
 */
export const objectKey = (table: string, folder: string, at: Date, format: RawFormat, part = 0): string =>
  `${objectFolder(table, folder, at)}/part-${fiveDigits(part)}.${extension[format]}.zst`;

/** Where the keys go that were asked for and are not in the table: `deleted-00000.csv.zst` beside its rows. */
export const tombstonesKey = (table: string, folder: string, at: Date): string =>
  `${objectFolder(table, folder, at)}/deleted-00000.csv.zst`;

function objectFolder(table: string, folder: string, at: Date): string {
  const date = at.toISOString().slice(0, 10).replaceAll('-', '/');
  return `raw/${part(table)}/${date}/${part(folder)}`;
}
