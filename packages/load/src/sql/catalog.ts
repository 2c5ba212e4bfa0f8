/** One row: whether schema $1 exists, and whether this user, named, could create it. */
export const schemaQuery = `
  SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1) AS "exists",
    pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS "creatable",
    current_user::text AS "user"`;

/** One row: whether schema $1 has a relation named $2. Asks the catalog alone, so it needs no right on the schema. */
export const relationExistsQuery = `
  SELECT EXISTS (
    SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2
  ) AS "exists"`;

/** The names of the columns that the array `numbers` of relation `relation` holds, in its order; NULL for an expression. */
const columnNames = (relation: string, numbers: string): string => `
  SELECT pg_catalog.json_agg(a.attname ORDER BY part.place)
  FROM pg_catalog.unnest(${numbers}) WITH ORDINALITY AS part (number, place)
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = ${relation} AND a.attnum = part.number`;

/** The relations of schema $1 whose names are in $2, each as a FoundRelation. */
export const relationsQuery = `
  SELECT c.relname::text AS "name",
    CASE WHEN c.relkind IN ('r', 'p') THEN 'table' WHEN c.relkind = 'v' THEN 'view' ELSE 'other' END AS "kind",
    pg_catalog.pg_has_role(c.relowner, 'USAGE') AS "owned",
    (SELECT coalesce(pg_catalog.json_agg(DISTINCT f.relname::text), '[]')
      FROM pg_catalog.pg_rewrite w
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
        AND d.refclassid = 'pg_catalog.pg_class'::regclass
      JOIN pg_catalog.pg_class f ON f.oid = d.refobjid AND f.oid <> c.oid AND f.relnamespace = c.relnamespace
      WHERE w.ev_class = c.oid) AS "uses",
    (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
        'name', a.attname,
        'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
        'nullable', NOT a.attnotnull,
        'identity', a.attidentity = 'a') ORDER BY a.attnum), '[]')
      FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS "columns",
    coalesce((SELECT (${columnNames('k.conrelid', 'k.conkey')})
      FROM pg_catalog.pg_constraint k
      WHERE k.conrelid = c.oid AND k.contype = 'p'), '[]') AS "primaryKey",
    (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('column', a.attname, 'table', f.relname, 'constraint', k.conname)), '[]')
      FROM pg_catalog.pg_constraint k
      JOIN pg_catalog.pg_class f ON f.oid = k.confrelid AND f.relnamespace = c.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
      WHERE k.conrelid = c.oid AND k.contype = 'f' AND pg_catalog.cardinality(k.conkey) = 1) AS "references",
    (SELECT coalesce(pg_catalog.json_agg((${columnNames('i.indrelid', 'i.indkey::int2[]')})), '[]')
      FROM pg_catalog.pg_index i
      WHERE i.indrelid = c.oid AND i.indpred IS NULL AND i.indisvalid) AS "indexes"
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = ANY ($2::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`;
