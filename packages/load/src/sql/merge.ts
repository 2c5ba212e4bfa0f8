import { identifier, type Dimension, type Fact, type StarTable } from '@totes/core';
import { retiredTable } from '../retired.ts';
import { inForce } from './inForce.ts';
import { list, namesOf, valuesOf } from './names.ts';
import { rowStaging, staging } from './staging.ts';

/** The columns that say when totesys wrote a version. */
const versionColumns = ['last_updated_date', 'last_updated_time'];

/**
 * Brings staging's rows into a star table. Gives one row: `written`, the rows inserted or changed, and `warnings`, the
 * fact rows that changed although their last_updated did not.
 */
export const merge = (schema: string, table: StarTable): string =>
  table.kind === 'dimension' ? upsert(schema, table) : appendChanged(schema, table);

/** Gives the planner statistics of a table. PostgreSQL skips it, with a notice, where this user does not own the table. */
export const analyzeTable = (schema: string, table: StarTable): string => `ANALYZE ${identifier(schema, table.name)}`;

/** Inserts or updates by key, and leaves a row untouched where nothing differs. */
function upsert(schema: string, table: Dimension): string {
  const names = namesOf(table);
  const others = names.filter((name) => name !== table.key);
  return `WITH written AS (
  INSERT INTO ${identifier(schema, table.name)} AS target (${list(names)})
  SELECT ${list(names)} FROM ${staging(rowStaging(table))}
  ON CONFLICT (${identifier(table.key)}) DO UPDATE
  SET ${others.map((name) => `${identifier(name)} = excluded.${identifier(name)}`).join(', ')}
  WHERE (${list(others, 'target')}) IS DISTINCT FROM (${list(others, 'excluded')})
  RETURNING 1
)
SELECT count(*) AS written, 0 AS warnings FROM written`;
}

/**
 * Appends the rows that differ from the version in force of their business id. It is compared with that version and
 * not with all history: a row that goes from A to B and back to A must end with A in force, as a third version. A row
 * that was deleted and is there again is a further version too, though it be as it was; that is no warning.
 */
function appendChanged(schema: string, fact: Fact): string {
  const names = namesOf(fact);
  const [table, key, recordKey] = [identifier(schema, fact.name), identifier(fact.key), identifier(fact.recordKey)];
  return `WITH changed AS (
  SELECT ${list(names, 'staged')}, gone.${recordKey} IS NOT NULL AS is_back
  FROM ${staging(rowStaging(fact))} AS staged
  LEFT JOIN LATERAL (
    ${inForce(schema, fact)}
  ) AS in_force ON true
  LEFT JOIN ${identifier(schema, retiredTable(fact)!.name)} AS gone ON gone.${recordKey} = in_force.${recordKey}
  WHERE in_force.${recordKey} IS NULL
    OR gone.${recordKey} IS NOT NULL
    OR (${valuesOf(fact, 'staged')}) IS DISTINCT FROM (${valuesOf(fact, 'in_force')})
), written AS (
  INSERT INTO ${table} (${list(names)})
  SELECT ${list(names)} FROM changed ORDER BY ${key}
  RETURNING 1
)
SELECT (SELECT count(*) FROM written) AS written, (
  SELECT count(*) FROM changed CROSS JOIN LATERAL (
    SELECT 1 FROM ${table} AS version
    WHERE version.${key} = changed.${key}
      AND (${list(versionColumns, 'version')}) = (${list(versionColumns, 'changed')})
    LIMIT 1
  ) AS same_time
  WHERE NOT changed.is_back
) AS warnings`;
}
