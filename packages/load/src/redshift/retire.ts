import { identifier, type Fact, type StarTable } from '@totes/core';
import { retiredTable } from '../retired.ts';
import { inForce } from './merge.ts';
import { rowStaging, staging, tombstoneStaging } from './staging.ts';

// What is written here PostgreSQL takes too, and means the same by it.

/** The keys of the rows that staging's tombstones retire, and that were not retired before. */
function retirable(schema: string, table: StarTable): string {
  const retired = retiredTable(table)!;
  const key = identifier(retired.key.name);
  const tombstones = staging(tombstoneStaging(table));
  if (table.kind === 'fact') {
    return `SELECT "found".${key} FROM ${inForce(schema, table, tombstones)} AS "found" WHERE "found"."reason" IS NULL`;
  }
  return `SELECT "found".${key} FROM ${tombstones} AS "staged"
JOIN ${identifier(schema, table.name)} AS "found" ON "found".${key} = "staged".${key}
LEFT JOIN ${identifier(schema, retired.name)} AS "gone" ON "gone".${key} = "found".${key}
WHERE "gone".${key} IS NULL`;
}

/** How many rows `retireDeleted` will retire. */
export const countRetirable = (schema: string, table: StarTable): string =>
  `SELECT count(*) AS "written" FROM (${retirable(schema, table)}) AS "retirable"`;

const retire = (schema: string, table: StarTable): string => {
  const { name, key } = retiredTable(table)!;
  return `INSERT INTO ${identifier(schema, name)} (${identifier(key.name)}, "reason", "version", "source_read_at")`;
};

/** Retires the rows whose tombstones are in staging; $1 is the version, $2 its source_read_at. */
export const retireDeleted = (schema: string, table: StarTable): string => `${retire(schema, table)}
SELECT "retirable".${identifier(retiredTable(table)!.key.name)}, 'deleted', $1::bigint, $2::timestamptz
FROM (${retirable(schema, table)}) AS "retirable"`;

/** Retires the records with keys above $3, which never come into force; $1 and $2 as in `retireDeleted`. */
export const retireLate = (schema: string, fact: Fact): string => `${retire(schema, fact)}
SELECT ${identifier(fact.recordKey)}, 'superseded', $1::bigint, $2::timestamptz
FROM ${identifier(schema, fact.name)} WHERE ${identifier(fact.recordKey)} > $3::bigint`;

/** Ends the retirement of the dimension rows that staging brings: the source has them again. */
export function reinstate(schema: string, table: StarTable): string {
  const { name } = retiredTable(table)!;
  const key = identifier(table.key);
  return `DELETE FROM ${identifier(schema, name)} USING ${staging(rowStaging(table))} AS "staged"
WHERE ${identifier(name)}.${key} = "staged".${key}`;
}
