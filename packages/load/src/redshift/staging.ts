import { exactName, identifier, type StarColumn } from '@totes/core';
import { lateStaging, rowStaging, tombstoneStaging, type Staging } from '../sql/staging.ts';
import { copiedColumns, redshiftType } from './types.ts';

export { lateStaging, rowStaging, tombstoneStaging, type Staging };

/** The rows of a version as the star has them. An unqualified name finds a temporary table before any other. */
export const staging = ({ name }: Staging): string => identifier(name);

/** The same rows as the Parquet has them. */
const copied = ({ name }: Staging): string => identifier(`copied_${name}`);

/** Where the rows of a fact lie as the fact's own do, they are compared without moving any. */
const lies = ({ table }: Staging): string =>
  table.kind === 'fact' ? ` DISTSTYLE KEY DISTKEY (${identifier(table.key)})` : '';

/** A temporary table of the Parquet's columns in the Parquet's order: COPY goes by their places. */
export function createCopied(target: Staging): string {
  const columns = target.columns.flatMap(copiedColumns).map(({ name, type }) => `${identifier(name)} ${type}`);
  return `CREATE TEMPORARY TABLE ${copied(target)} (${columns.join(', ')})${lies(target)}`;
}

/**
 * Fills it from the objects that a manifest names.
 *
 * @param manifest where that is in S3
 * @param role the ARN of the role that may read both; undefined for the cluster's default role
 */
export function copy(target: Staging, manifest: string, role: string | undefined): string {
  const by = role === undefined ? 'default' : plain(role);
  return `COPY ${copied(target)} FROM ${plain(manifest)} IAM_ROLE ${by} FORMAT AS PARQUET MANIFEST`;
}

/** A text in quotes; COPY takes no parameters. Throws RangeError where it would need an escape: no place or role does. */
function plain(text: string): string {
  if (/['\\]/.test(text)) throw new RangeError(`${text} cannot be written in COPY`);
  return `'${text}'`;
}

/** One row: how many rows were copied, and for each numeric column the least key of those that it cannot hold. */
export function checkCopied(target: Staging): string {
  const key = identifier(target.table.key);
  const unfit = numerics(target).map(
    ({ name }) =>
      `min(CASE WHEN ${identifier(name)} IS NULL AND ${identifier(exactName(name))} IS NOT NULL THEN ${key} END) AS ${identifier(name)}`,
  );
  return `SELECT ${['count(*) AS "copied_rows"', ...unfit].join(', ')} FROM ${copied(target)}`;
}

/** The columns that may hold more digits in the lake than in Redshift. */
export const numerics = ({ columns }: Staging): StarColumn[] => columns.filter(({ type }) => type.kind === 'numeric');

/** The temporary table of the rows as the star has them. */
export const createStaging = (target: Staging): string =>
  `CREATE TEMPORARY TABLE ${staging(target)}${lies(target)} AS
SELECT ${target.columns.map((column) => `${converted(column)} AS ${identifier(column.name)}`).join(', ')} FROM ${copied(target)}`;

function converted({ name, type }: StarColumn): string {
  const column = identifier(name);
  return type.kind === 'time' ? timeOfDay(column) : `${column}::${redshiftType(type)}`;
}

/** Microseconds since midnight as a time of day, by its text: exact, and written alike for Redshift and PostgreSQL. */
function timeOfDay(micros: string): string {
  const digits = (value: string, count: number): string => `lpad((${value})::varchar, ${count}, '0')`;
  const [hour, minute, second] = [3_600_000_000, 60_000_000, 1_000_000].map((unit, i) =>
    digits(i === 0 ? `${micros} / ${unit}` : `${micros} / ${unit} % 60`, 2),
  );
  return `(${hour!} || ':' || ${minute!} || ':' || ${second!} || '.' || ${digits(`${micros} % 1000000`, 6)})::time`;
}

export const dropCopied = (target: Staging): string => `DROP TABLE ${copied(target)}`;
export const dropStaging = (target: Staging): string => `DROP TABLE ${staging(target)}`;

/** A business key that staging holds more than once, if any. */
export const duplicateInStaging = (target: Staging): string =>
  `SELECT ${identifier(target.table.key)}::varchar AS "key" FROM ${staging(target)}
GROUP BY ${identifier(target.table.key)} HAVING count(*) > 1 LIMIT 1`;

/** A row for each reference of a fact: its column, and how many rows of staging point at none. */
export const missingPartners = (schema: string, target: Staging, keyOf: (table: string) => string): string =>
  target.columns
    .flatMap(({ name, references }) => (references === undefined ? [] : [{ name, references }]))
    .map(
      ({
        name,
        references,
      }) => `SELECT '${name}'::varchar AS "column", count(*) AS "rows" FROM ${staging(target)} AS "staged"
LEFT JOIN ${identifier(schema, references)} AS "partner" ON "partner".${identifier(keyOf(references))} = "staged".${identifier(name)}
WHERE "partner".${identifier(keyOf(references))} IS NULL AND "staged".${identifier(name)} IS NOT NULL`,
    )
    .join('\nUNION ALL ');
