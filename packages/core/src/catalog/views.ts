import { identifier, literal } from '../postgres/identifier.ts';
import { starTables, type Dimension, type Fact, type StarTable } from '../tables/star.ts';
import { deletedColumn, inForceColumn, objectColumns, versionColumn, type CatalogColumn } from './columns.ts';
import { text } from './types.ts';

/** A view on the lake. Its SQL is what Trino, which is Athena, and DuckDB understand alike. */
export interface LakeView {
  readonly name: string;
  readonly comment: string;
  readonly columns: readonly CatalogColumn[];
  /** The query alone. */
  readonly sql: string;
}

/** The schemas that views name: of views, and of tables that have the rows of all objects there are. */
export interface LakeSchemas {
  readonly views: string;
  readonly objects: string;
}

/** The view of the objects that count, which all others join: one row for each. */
export const objectsView = 'lake_objects';

export const objectsViewColumns: readonly CatalogColumn[] = [
  { name: 'table_name', type: text },
  { name: 'kind', type: text },
  versionColumn,
  { name: 'path', type: text },
  { name: 'area', type: text },
  { name: 'day', type: text },
];

/**
 * The views of the star tables: a dimension as it is, a fact with its history, and what of it is in force. They show what
 * a warehouse that has loaded the whole log holds.
 */
export const starViews = (schemas: LakeSchemas): LakeView[] =>
  starTables.flatMap((table) =>
    table.kind === 'dimension'
      ? [dimensionView(schemas, table)]
      : [historyView(schemas, table), currentView(schemas, table)],
  );

const listed = (columns: readonly CatalogColumn[]): string => columns.map(({ name }) => identifier(name)).join(', ');

/**
 * The rows of the objects that count, each with its kind and version: of a tombstone the key alone. Path, area and day say
 * the same; the last two are what an engine can leave out whole folders by.
 */
const rowsOf = ({ views, objects }: LakeSchemas, table: StarTable): string =>
  `SELECT ${objectColumns(table)
    .map(({ name }) => `stored.${identifier(name)}`)
    .join(', ')},
    coalesce(CAST(stored.version AS bigint), counted.version) AS version, counted.kind
  FROM ${identifier(objects, table.name)} AS stored
  JOIN ${identifier(views, objectsView)} AS counted
    ON counted.path = stored."$path" AND counted.area = stored.lake_area AND counted.day = stored.lake_day
  WHERE counted.table_name = ${literal(table.name)}`;

/** The newest row of each key. */
function dimensionView(schemas: LakeSchemas, table: Dimension): LakeView {
  const own = objectColumns(table);
  const isOfSource = table.source !== undefined;
  const columns = [...own, versionColumn, ...(isOfSource ? [deletedColumn] : [])];
  const key = identifier(table.key);
  const deleted = isOfSource ? ', coalesce(deleted_in >= version, false) AS deleted' : '';
  return {
    name: table.name,
    comment: table.about ?? `The ${table.source!} rows of totesys as they are now, and those that it has deleted.`,
    columns,
    sql: `WITH stored_rows AS (
  ${rowsOf(schemas, table)}
), ranked AS (
  SELECT ${listed(own)}, version, kind,
    row_number() OVER (PARTITION BY ${key}, kind ORDER BY version DESC) AS place,
    max(CASE kind WHEN 'deleted' THEN version END) OVER (PARTITION BY ${key}) AS deleted_in
  FROM stored_rows
)
SELECT ${listed(own)}, version${deleted}
FROM ranked WHERE kind = 'row' AND place = 1`,
  };
}

/**
 * A row is history where it differs from the one before it of its key, or follows a deletion: rows are sent again
 * unchanged at times. A tombstone has no values, so what follows it differs. A late row is history where its key never had the same values; it never comes into force.
 */
function historyView(schemas: LakeSchemas, table: Fact): LakeView {
  const own = objectColumns(table);
  const key = identifier(table.key);
  const order = `PARTITION BY ${key}, kind = 'late' ORDER BY version, kind DESC`;
  const differs = own
    .map(({ name }) => identifier(name))
    .map((name) => `lag(${name}) OVER earlier IS DISTINCT FROM ${name}`);
  return {
    name: table.name,
    comment: `One row for each version of a ${table.source} of totesys; ${table.currentView} shows the versions in force.`,
    columns: [...own, versionColumn, inForceColumn],
    sql: `WITH stored_rows AS (
  ${rowsOf(schemas, table)}
), compared AS (
  SELECT ${listed(own)}, version, kind, CASE kind
      WHEN 'row' THEN ${differs.join('\n        OR ')}
      WHEN 'late' THEN row_number() OVER (PARTITION BY ${listed(own)}, kind = 'deleted' ORDER BY version, kind DESC) = 1
      ELSE true
    END AS is_new
  FROM stored_rows
  WINDOW earlier AS (${order})
), followed AS (
  SELECT ${listed(own)}, version, kind, lead(kind) OVER (${order}) AS next_kind
  FROM compared WHERE is_new
)
SELECT ${listed(own)}, version, kind = 'row' AND next_kind IS NULL AS in_force
FROM followed WHERE kind <> 'deleted'`,
  };
}

function currentView({ views }: LakeSchemas, table: Fact): LakeView {
  const columns = [...objectColumns(table), versionColumn];
  return {
    name: table.currentView,
    comment: `The rows of ${table.name} now in force, one for each ${table.key}.`,
    columns,
    sql: `SELECT ${listed(columns)} FROM ${identifier(views, table.name)} WHERE in_force`,
  };
}
