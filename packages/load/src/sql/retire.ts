import { identifier, type Fact, type StarTable } from '@totes/core';
import { retiredTable, type RetiredTable } from '../retired.ts';
import { inForce } from './inForce.ts';
import { list, namesOf, valuesOf } from './names.ts';
import { lateStaging, rowStaging, staging, tombstoneStaging } from './staging.ts';

/** Adds to a table of retired rows. What follows gives the key and the reason; $1 is the version, $2 its source_read_at. */
const retire = (schema: string, { name, key }: RetiredTable): string =>
  `INSERT INTO ${identifier(schema, name)} (${identifier(key.name)}, reason, version, source_read_at)`;

/**
 * Retires the rows whose tombstones are in staging: of a fact the version in force, of a dimension the row. Gives one
 * row: `written`, how many were not retired before.
 */
export function retireDeleted(schema: string, table: StarTable): string {
  const retired = retiredTable(table)!;
  const tombstones = `${staging(tombstoneStaging(table))} AS staged`;
  const key = identifier(retired.key.name);
  const found =
    table.kind === 'fact'
      ? `CROSS JOIN LATERAL (\n    ${inForce(schema, table)}\n  ) AS found`
      : `JOIN ${identifier(schema, table.name)} AS found USING (${key})`;
  return `WITH written AS (
  ${retire(schema, retired)}
  SELECT found.${key}, 'deleted', $1::bigint, $2::timestamptz
  FROM ${tombstones} ${found}
  ON CONFLICT (${key}) DO NOTHING
  RETURNING 1
)
SELECT count(*) AS written FROM written`;
}

/** Ends the retirement of the dimension rows that staging brings: the source has them again. */
export function reinstate(schema: string, table: StarTable): string {
  const key = identifier(table.key);
  return `DELETE FROM ${identifier(schema, retiredTable(table)!.name)} AS retired
USING ${staging(rowStaging(table))} AS staged WHERE retired.${key} = staged.${key}`;
}

/**
 * Appends history that never comes into force, in its order, and retires it at once. What the history of a business id
 * holds already is nothing new. Gives one row: `written`, the rows appended.
 */
export function appendLate(schema: string, fact: Fact): string {
  const names = namesOf(fact);
  const [key, recordKey] = [identifier(fact.key), identifier(fact.recordKey)];
  const sameAs = (other: string): string =>
    `${other}.${key} = staged.${key} AND (${valuesOf(fact, other)}) IS NOT DISTINCT FROM (${valuesOf(fact, 'staged')})`;
  return `WITH written AS (
  INSERT INTO ${identifier(schema, fact.name)} (${list(names)})
  SELECT ${list(names, 'staged')}
  FROM ${staging(lateStaging(fact))} AS staged
  WHERE NOT EXISTS (SELECT 1 FROM ${identifier(schema, fact.name)} AS known WHERE ${sameAs('known')})
    AND NOT EXISTS (
      SELECT 1 FROM ${staging(lateStaging(fact))} AS earlier WHERE earlier.place < staged.place AND ${sameAs('earlier')}
    )
  ORDER BY staged.place
  RETURNING ${recordKey}
), retired AS (
  ${retire(schema, retiredTable(fact)!)}
  SELECT ${recordKey}, 'superseded', $1::bigint, $2::timestamptz FROM written
)
SELECT count(*) AS written FROM written`;
}

/** Ends all retirements of a table. */
export const reinstateAll = (schema: string, { name }: RetiredTable): string =>
  `DELETE FROM ${identifier(schema, name)}`;
