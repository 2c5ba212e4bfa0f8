import { identifier, literal } from '../postgres/identifier.ts';
import type { LakeSchemas } from './views.ts';

/** What is said differently of a manifest's maps and lists: `trino` is Athena. */
export type Dialect = 'trino' | 'duckdb';

/** The name of the table of all manifests there are, and of the pointers to logs that were rebuilt. */
export const logTable = 'log';

const lists = ['tables', 'late', 'deleted'] as const;
const maps = [...lists.map((list) => list as string), ...lists.map((list) => `compacted.${list}`)];
const kinds = ["'row'", "'late'", "'deleted'"];
const bySix = {
  kinds: [...kinds, ...kinds].join(', '),
  maps: maps.join(', '),
  compacted: maps.map((map) => String(map.startsWith('compacted'))).join(', '),
};

/** Makes of each manifest a row for each object that it names. */
const unnested: Readonly<Record<Dialect, string>> = {
  trino: `CROSS JOIN UNNEST(ARRAY[${bySix.kinds}], ARRAY[${bySix.maps}], ARRAY[${bySix.compacted}]) AS part (kind, objects, is_compacted)
  CROSS JOIN UNNEST(part.objects) AS of_table (table_name, refs)
  CROSS JOIN UNNEST(of_table.refs) AS ref (object_key, object_version)`,
  duckdb: `CROSS JOIN LATERAL (SELECT unnest([${bySix.kinds}]) AS kind, unnest([${bySix.maps}]) AS objects, unnest([${bySix.compacted}]) AS is_compacted) AS part
  CROSS JOIN LATERAL (SELECT unnest(map_keys(part.objects)) AS table_name, unnest(map_values(part.objects)) AS refs) AS of_table
  CROSS JOIN LATERAL (SELECT each.key AS object_key, each.version AS object_version FROM (SELECT unnest(of_table.refs) AS each)) AS ref`,
};

/**
 * The query of the view of the objects that count: those that the newest compaction names, and those of the versions
 * after it. A manifest counts where the log in force has it, which the newest pointer names; all else that lies in the
 * bucket is of a run that never committed, of a log that was rebuilt, or was merged into another object.
 *
 * @param root of the bucket, with a slash at the end, as the engine writes paths
 */
export const objectsQuery = ({ objects }: LakeSchemas, root: string, dialect: Dialect): string => {
  const log = identifier(objects, logTable);
  return `WITH in_force AS (
  SELECT version, ${lists.join(', ')}, compacted, max(compacted."to") OVER () AS compacted_to,
    max(CASE WHEN compacted IS NOT NULL THEN version END) OVER () AS compacted_in
  FROM ${log}
  WHERE kind = 'processed' AND "$path" = ${literal(root)} || coalesce(
    (SELECT max_by(pointer.folder, pointer."$path") FROM ${log} AS pointer WHERE pointer.kind = 'generation'), 'log/'
  ) || lpad(CAST(version AS varchar), 20, '0') || '.json'
), named AS (
  SELECT of_table.table_name, part.kind, ref.object_key,
    CASE WHEN part.is_compacted THEN ref.object_version ELSE in_force.version END AS version
  FROM in_force
  ${unnested[dialect]}
  WHERE part.is_compacted AND in_force.version = in_force.compacted_in
    OR NOT part.is_compacted AND in_force.version > coalesce(in_force.compacted_to, 0)
)
SELECT table_name, CAST(kind AS varchar) AS kind, version, ${literal(root)} || object_key AS path,
  substr(object_key, 1, strpos(object_key, '/' || table_name || '/') - 1) AS area,
  regexp_extract(object_key, '/([0-9]{4}/[0-9]{2}/[0-9]{2})/v', 1) AS day
FROM named`;
};
