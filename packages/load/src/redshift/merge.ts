import { identifier, type Dimension, type Fact, type StarTable } from '@totes/core';
import { retiredTable } from '../retired.ts';
import { list, namesOf } from '../sql/names.ts';
import { differ } from './differ.ts';
import { lateStaging, rowStaging, staging } from './staging.ts';

// What is written here PostgreSQL from 15 on takes too, and means the same by it.

/** The temporary table of the rows that a merge brings, of those in staging. */
export const changed = (table: StarTable): string => identifier(`changed_${table.name}`);

export const dropChanged = (table: StarTable): string => `DROP TABLE ${changed(table)}`;

/** How many rows a merge brings. */
export const countChanged = (table: StarTable): string => `SELECT count(*) AS "written" FROM ${changed(table)}`;

const create = (table: StarTable): string =>
  `CREATE TEMPORARY TABLE ${changed(table)}${table.kind === 'fact' ? ` DISTSTYLE KEY DISTKEY (${identifier(table.key)})` : ''} AS`;

/** Finds the rows of a dimension that are new, or differ: Redshift's MERGE takes no condition to leave a row untouched. */
export function findChangedRows(schema: string, table: Dimension): string {
  const others = table.columns.filter(({ name }) => name !== table.key);
  const key = identifier(table.key);
  return `${create(table)}
SELECT ${list(namesOf(table), '"staged"')} FROM ${staging(rowStaging(table))} AS "staged"
LEFT JOIN ${identifier(schema, table.name)} AS "known" ON "known".${key} = "staged".${key}
WHERE "known".${key} IS NULL OR ${differ(others, 'staged', 'known')}`;
}

/** Inserts or updates them by key. The target has no alias: Redshift allows none. */
export function mergeChanged(schema: string, table: Dimension): string {
  const names = namesOf(table);
  const key = identifier(table.key);
  const set = names
    .filter((name) => name !== table.key)
    .map((name) => `${identifier(name)} = "changed".${identifier(name)}`);
  return `MERGE INTO ${identifier(schema, table.name)} USING ${changed(table)} AS "changed"
ON ${identifier(table.name)}.${key} = "changed".${key}
WHEN MATCHED THEN UPDATE SET ${set.join(', ')}
WHEN NOT MATCHED THEN INSERT (${list(names)}) VALUES (${list(names, '"changed"')})`;
}

/**
 * The versions in force of the business ids that `ids` holds, each with why it was retired, if so: the one with the
 * greatest record key, those left out that were superseded when they came in.
 */
export function inForce(schema: string, fact: Fact, ids: string): string {
  const [key, recordKey] = [identifier(fact.key), identifier(fact.recordKey)];
  return `(
  SELECT "ranked".* FROM (
    SELECT "version".*, "late"."reason" AS "reason",
      row_number() OVER (PARTITION BY "version".${key} ORDER BY "version".${recordKey} DESC) AS "place"
    FROM ${identifier(schema, fact.name)} AS "version"
    JOIN (SELECT ${key} FROM ${ids}) AS "wanted" ON "wanted".${key} = "version".${key}
    LEFT JOIN ${identifier(schema, retiredTable(fact)!.name)} AS "late" ON "late".${recordKey} = "version".${recordKey}
    WHERE "late"."reason" IS NULL OR "late"."reason" = 'deleted'
  ) AS "ranked" WHERE "ranked"."place" = 1
)`;
}

/**
 * Finds the rows of a fact that differ from the version in force of their business id; "is_back" is 1 where that was
 * deleted, though the row be as it was. As `appendChanged` for PostgreSQL.
 */
export function findChangedVersions(schema: string, fact: Fact): string {
  const key = identifier(fact.key);
  return `${create(fact)}
SELECT ${list(namesOf(fact), '"staged"')}, CASE WHEN "in_force"."reason" IS NOT NULL THEN 1 ELSE 0 END AS "is_back"
FROM ${staging(rowStaging(fact))} AS "staged"
LEFT JOIN ${inForce(schema, fact, staging(rowStaging(fact)))} AS "in_force" ON "in_force".${key} = "staged".${key}
WHERE "in_force".${key} IS NULL OR "in_force"."reason" IS NOT NULL OR ${differ(fact.columns, 'staged', 'in_force')}`;
}

/**
 * Finds the late rows that the history of their business id does not hold yet, each once. As `appendLate` for PostgreSQL,
 * but for the order: COPY keeps none.
 */
export function findLateVersions(schema: string, fact: Fact): string {
  const [key, recordKey] = [identifier(fact.key), identifier(fact.recordKey)];
  return `${create(fact)}
SELECT DISTINCT ${list(namesOf(fact), '"staged"')} FROM ${staging(lateStaging(fact))} AS "staged"
LEFT JOIN ${identifier(schema, fact.name)} AS "known"
  ON "known".${key} = "staged".${key} AND NOT ${differ(fact.columns, 'known', 'staged')}
WHERE "known".${recordKey} IS NULL`;
}

/** The columns that say when totesys wrote a version. */
const versionColumns = ['last_updated_date', 'last_updated_time'];

/** How many rows that were found changed although their last_updated did not, and the greatest record key so far. */
export function aboutChanged(schema: string, fact: Fact): string {
  const table = identifier(schema, fact.name);
  const same = [fact.key, ...versionColumns].map(
    (name) => `"version".${identifier(name)} = "changed".${identifier(name)}`,
  );
  return `SELECT (
  SELECT count(DISTINCT "changed".${identifier(fact.key)}) FROM ${changed(fact)} AS "changed"
  JOIN ${table} AS "version" ON ${same.join(' AND ')}
  WHERE "changed"."is_back" = 0
) AS "warnings", (SELECT coalesce(max(${identifier(fact.recordKey)}), 0) FROM ${table}) AS "last_key"`;
}

/** The greatest record key so far. */
export const lastKey = (schema: string, fact: Fact): string =>
  `SELECT coalesce(max(${identifier(fact.recordKey)}), 0) AS "last_key" FROM ${identifier(schema, fact.name)}`;

/** Appends what was found, record keys following $1 without gaps, in the order of the business id and of the versions. */
export function append(schema: string, fact: Fact): string {
  const names = namesOf(fact);
  return `INSERT INTO ${identifier(schema, fact.name)} (${list([fact.recordKey, ...names])})
SELECT $1::bigint + row_number() OVER (ORDER BY ${list([fact.key, ...versionColumns])}), ${list(names)} FROM ${changed(fact)}`;
}
