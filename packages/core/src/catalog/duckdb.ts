import type { ObjectInForce } from '../lake/objectsInForce.ts';
import { identifier, literal } from '../postgres/identifier.ts';
import { starTables, type StarTable } from '../tables/star.ts';
import { objectColumns, versionColumn, type CatalogColumn } from './columns.ts';
import { engineType } from './types.ts';
import { objectsView, objectsViewColumns, starViews, type LakeSchemas, type LakeView } from './views.ts';

/** Where the views stand in DuckDB: in its usual schema, so that their names alone are enough. */
export const duckDbSchemas: LakeSchemas = { views: 'main', objects: 'lake' };

/**
 * SQL that makes views of the lake in DuckDB, as they are in the catalogue, with the paths of these objects put in: no
 * other is opened, and what the lake gets later is not seen. Statements end with ";".
 *
 * @param uri of the bucket, as DuckDB opens it: a folder's path or s3://bucket/prefix
 */
export function duckDbScript(uri: string, objects: readonly ObjectInForce[]): string {
  const known = objects.filter(({ table }) => starTables.some(({ name }) => name === table));
  return [
    `CREATE SCHEMA IF NOT EXISTS ${identifier(duckDbSchemas.objects)}`,
    ...starTables.map((table) => {
      const keys = known.filter((object) => object.table === table.name).map(({ key }) => `${uri}/${key}`);
      return objectsTable(duckDbSchemas, table, keys);
    }),
    createView(duckDbSchemas.views, { name: objectsView, sql: objectRows(uri, known) }),
    ...starViews(duckDbSchemas).map((view) => createView(duckDbSchemas.views, view)),
  ]
    .map((statement) => `${statement};\n`)
    .join('\n');
}

/** The view of all rows of these Parquet files, which are a star table's: with the columns that a table of Glue has. */
export function objectsTable({ objects }: LakeSchemas, table: StarTable, files: readonly string[]): string {
  const area = `regexp_extract("$path", '((star|compacted)(/late|/deleted)?)/${table.name}/', 1)`;
  const day = `regexp_extract("$path", '/([0-9]{4}/[0-9]{2}/[0-9]{2})/v', 1)`;
  const columns = [...objectColumns(table), { ...versionColumn }, { name: '$path', type: { kind: 'text' } as const }];
  const read = `SELECT * FROM read_parquet([${files.map((file) => literal(file)).join(', ')}], union_by_name = true, filename = '$path')`;
  return createView(objects, {
    name: table.name,
    sql: `SELECT *, ${area} AS lake_area, ${day} AS lake_day FROM (
  ${empty(columns)}${files.length === 0 ? '' : `\n  UNION ALL BY NAME ${read}`}
)`,
  });
}

/** No row, but columns: those that no file has are NULL then. */
const empty = (columns: readonly CatalogColumn[]): string =>
  `SELECT ${columns.map(({ name, type }) => `CAST(NULL AS ${engineType(type, 'duckdb')}) AS ${identifier(name)}`).join(', ')} WHERE false`;

/** The objects that count, as rows. */
function objectRows(uri: string, objects: readonly ObjectInForce[]): string {
  const rows = objects.map(({ table, kind, version, key }) => {
    const [, area, day] = /^(.+)\/[^/]+\/(\d{4}\/\d{2}\/\d{2})\/v/.exec(key)!;
    const texts = [kind === 'tables' ? 'row' : kind, `${uri}/${key}`, area!, day!].map((each) => literal(each));
    return `(${literal(table)}, ${texts[0]!}, ${version ?? 'NULL'}, ${texts.slice(1).join(', ')})`;
  });
  const columns = objectsViewColumns.map(({ name }) => name).join(', ');
  if (rows.length === 0) return empty(objectsViewColumns);
  return `SELECT * FROM (VALUES\n  ${rows.join(',\n  ')}\n) AS counted (${columns})`;
}

const createView = (schema: string, { name, sql }: Pick<LakeView, 'name' | 'sql'>): string =>
  `CREATE OR REPLACE VIEW ${identifier(schema, name)} AS\n${sql}`;
