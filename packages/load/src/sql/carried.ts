/**
 * `carried`: the relations of schema $1 whose names are in $2, and the plain views that show them, directly or through
 * one another. All names of the catalog are as they are with search_path = pg_catalog, so what is written is qualified.
 */
const carried = `WITH RECURSIVE star AS (
  SELECT c.oid, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = ANY ($2::text[]) AND c.relkind IN ('r', 'p', 'v')
), carried (oid) AS (
  SELECT oid FROM star
  UNION
  SELECT v.oid FROM carried
  JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = carried.oid AND d.classid = 'pg_rewrite'::regclass
  JOIN pg_rewrite w ON w.oid = d.objid AND w.rulename = '_RETURN'
  JOIN pg_class v ON v.oid = w.ev_class AND v.relkind = 'v' AND v.relpersistence = 'p'
)`;

/** Each of them as a CarriedRelation. */
export const carriedQuery = `${carried}
SELECT c.oid::text AS "id", n.nspname::text AS "schema", c.relname::text AS "name",
  CASE WHEN c.relkind = 'v' THEN 'view' ELSE 'table' END AS "kind",
  c.oid IN (SELECT oid FROM star) AS "isStar",
  pg_get_userbyid(c.relowner)::text AS "owner",
  CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END AS "definition",
  to_json(ARRAY(SELECT a.attname::text FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)) AS "columns",
  to_json(ARRAY(SELECT DISTINCT d.refobjid::text FROM pg_rewrite w
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
    WHERE w.ev_class = c.oid AND d.refobjid <> c.oid AND d.refobjid IN (SELECT oid FROM carried))) AS "uses",
  to_json(coalesce(c.reloptions, '{}') || ARRAY(
    SELECT 'toast.' || o FROM pg_class t, unnest(t.reloptions) AS o WHERE t.oid = c.reltoastrelid)) AS "options",
  (SELECT coalesce(json_agg(json_build_object('column', a.attname, 'statistics', a.attstattarget,
      'options', coalesce(a.attoptions, '{}')) ORDER BY a.attnum), '[]')
    FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      AND (a.attstattarget >= 0 OR a.attoptions IS NOT NULL)) AS "tuned",
  (SELECT coalesce(json_agg(json_build_object('column', a.attname, 'text', d.description) ORDER BY d.objsubid), '[]')
    FROM pg_description d LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
    WHERE d.classoid = 'pg_class'::regclass AND d.objoid = c.oid) AS "comments",
  c.relacl IS NOT NULL AS "hasRights",
  (SELECT coalesce(json_agg(json_build_object('column', a.name, 'role', r.rolname, 'right', e.privilege_type,
      'grantable', e.is_grantable)), '[]')
    FROM (
      SELECT NULL::name AS name, c.relacl AS acl
      UNION ALL SELECT attname, attacl FROM pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL AND NOT attisdropped
    ) AS a CROSS JOIN LATERAL aclexplode(a.acl) AS e LEFT JOIN pg_roles r ON r.oid = e.grantee) AS "rights",
  (SELECT coalesce(json_agg(json_build_object('column', a.attname, 'hasRights', s.relacl IS NOT NULL, 'rights',
      (SELECT coalesce(json_agg(json_build_object('column', NULL, 'role', r.rolname, 'right', e.privilege_type,
          'grantable', e.is_grantable)), '[]')
        FROM aclexplode(s.relacl) AS e LEFT JOIN pg_roles r ON r.oid = e.grantee))), '[]')
    FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
      AND d.deptype = 'i') AS "sequences",
  c.relkind = 'v' AND NOT pg_has_role(c.relowner, 'USAGE') AS "isForeign",
  NOT has_schema_privilege(n.oid, 'USAGE') AS "isHidden",
  current_user::text AS "user"
FROM carried JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace
ORDER BY c.oid`;

/**
 * What depends on them and is neither one of them, nor what the star declares, nor an index: as PostgreSQL describes it.
 * $3 are the columns with a declared foreign key, $4 the tables of retired rows.
 */
export const obstaclesQuery = `${carried}, types AS (
  SELECT t.oid FROM pg_type t WHERE t.typrelid IN (SELECT oid FROM carried)
  UNION SELECT t.typarray FROM pg_type t WHERE t.typrelid IN (SELECT oid FROM carried) AND t.typarray <> 0
), dependent AS (
  SELECT d.classid, d.objid, d.objsubid FROM pg_depend d
  WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid IN (SELECT oid FROM carried) AND d.deptype <> 'i'
  UNION
  SELECT d.classid, d.objid, d.objsubid FROM pg_depend d
  WHERE d.refclassid = 'pg_type'::regclass AND d.refobjid IN (SELECT oid FROM types) AND d.deptype <> 'i'
)
SELECT DISTINCT CASE WHEN w.rulename = '_RETURN' THEN pg_describe_object('pg_class'::regclass, w.ev_class, 0)
    ELSE pg_describe_object(d.classid, d.objid, d.objsubid) END AS "what"
FROM dependent d
LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
LEFT JOIN star s ON s.oid = k.conrelid
LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
WHERE NOT coalesce(w.rulename = '_RETURN' AND w.ev_class IN (SELECT oid FROM carried), false)
  AND NOT coalesce(c.relkind IN ('i', 'I'), false)
  AND NOT coalesce(s.oid IS NOT NULL AND (
    k.contype IN ('p', 'n')
    OR k.contype = 'c' AND s.relname = ANY ($4::text[])
    OR k.contype = 'f' AND k.confrelid IN (SELECT oid FROM star) AND cardinality(k.conkey) = 1 AND s.relname || '.' ||
      (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1]) = ANY ($3::text[])
  ), false)
UNION
SELECT 'row security of ' || pg_describe_object('pg_class'::regclass, c.oid, 0)
FROM pg_class c JOIN star USING (oid) WHERE c.relrowsecurity
ORDER BY 1`;

/**
 * The indexes of the tables $2 of schema $1 that belong to no constraint, each as an Index. `method` is what follows the
 * name of the table; NULL where it cannot be told.
 */
export const indexesQuery = `
SELECT "table", "name", "unique",
  CASE WHEN starts_with(definition, head) THEN substr(definition, length(head) + 1) END AS "method"
FROM (
  SELECT t.relname::text AS "table", c.relname::text AS "name", i.indisunique AS "unique",
    pg_get_indexdef(c.oid) AS definition,
    format('CREATE %sINDEX %I ON %I.%I ', CASE WHEN i.indisunique THEN 'UNIQUE ' END, c.relname, n.nspname, t.relname) AS head
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_class t ON t.oid = i.indrelid
  JOIN pg_namespace n ON n.oid = t.relnamespace
  WHERE n.nspname = $1 AND t.relname = ANY ($2::text[]) AND i.indisvalid
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
) AS found
ORDER BY 1, 2`;

/** The names of the sequences of the identity columns of table $1 of schema $2, quoted, by column. */
export const sequencesQuery = `
SELECT a.attname::text AS "column", format('%I.%I', n.nspname, s.relname) AS "name"
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> ''
JOIN pg_class s ON s.oid = pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname)::regclass
WHERE c.relname = $1 AND n.nspname = $2`;

/** The roles that get rights on new tables, views and sequences by default, somewhere in this database; NULL is PUBLIC. */
export const defaultGranteesQuery = `
SELECT DISTINCT r.rolname::text AS "role"
FROM pg_default_acl d CROSS JOIN LATERAL aclexplode(d.defaclacl) AS e LEFT JOIN pg_roles r ON r.oid = e.grantee
WHERE d.defaclobjtype IN ('r', 'S')`;

/** The rights that a table gets which this user makes in schema $1, each as a Right. */
export const defaultRightsQuery = `
SELECT NULL AS "column", r.rolname::text AS "role", e.privilege_type AS "right", e.is_grantable AS "grantable"
FROM pg_default_acl d JOIN pg_namespace n ON n.oid = d.defaclnamespace
CROSS JOIN LATERAL aclexplode(d.defaclacl) AS e LEFT JOIN pg_roles r ON r.oid = e.grantee
WHERE n.nspname = $1 AND d.defaclobjtype = 'r' AND pg_get_userbyid(d.defaclrole) = current_user`;
