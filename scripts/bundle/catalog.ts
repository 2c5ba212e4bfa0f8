import {
  engineType,
  logTable,
  objectColumns,
  objectsQuery,
  objectsView,
  objectsViewColumns,
  starTables,
  starViews,
  versionColumn,
  type CatalogColumn,
  type LakeView,
  type StarTable,
} from '../../packages/core/src/index.ts';
import { columnMeaning, tableMeaning } from '../../packages/load/src/sql/meaning.ts';

/** A column as AWS Glue has it. */
interface GlueColumn {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
}

/** What Terraform makes the catalogue of the lake from. */
export interface Catalog {
  /** The table of the manifests. */
  readonly log: { readonly name: string; readonly columns: readonly GlueColumn[] };
  /** The tables of all objects there are, by star table. */
  readonly tables: Readonly<Record<string, { readonly comment: string; readonly columns: readonly GlueColumn[] }>>;
  /**
   * Views, by name. In the text, {views} and {objects} stand for the two databases, {root} for the URL of the bucket, with
   * a slash at the end. Of each column, `trino` is its type in that text.
   */
  readonly views: Readonly<
    Record<
      string,
      { readonly comment: string; readonly columns: readonly (GlueColumn & { trino: string })[]; readonly sql: string }
    >
  >;
}

const schemas = { views: '{views}', objects: '{objects}' };

const objects = 'map<string,array<struct<key:string,version:bigint>>>';
const kinds = ['tables', 'late', 'deleted'].map((name) => `${name}:${objects}`).join(',');

/** The fields of a manifest that tell which objects count. */
const logColumns: readonly GlueColumn[] = [
  { name: 'kind', type: 'string', comment: 'processed, or generation: the pointer to a log that was rebuilt' },
  { name: 'version', type: 'bigint', comment: 'of the manifest' },
  { name: 'folder', type: 'string', comment: 'where the manifests are that a pointer puts in force' },
  { name: 'tables', type: objects, comment: 'objects of rows, by warehouse table' },
  { name: 'late', type: objects, comment: 'objects of rows that never come into force' },
  { name: 'deleted', type: objects, comment: 'objects of keys that were deleted' },
  { name: 'compacted', type: `struct<to:bigint,${kinds}>`, comment: 'the objects of all versions up to one' },
];

const meanings: Readonly<Record<string, string>> = {
  version: 'the version of the lake that brought the row',
  in_force: 'whether no later version followed, nor a deletion',
  deleted: 'whether totesys does not have the row any more',
  table_name: 'the warehouse table',
  kind: 'row, late (never in force) or deleted (keys alone)',
  path: 'of the object',
  area: 'the folder that all days of the table are in',
  day: 'the folder of the day',
};

function commentOf(table: StarTable | undefined, { name, type, of }: CatalogColumn): string {
  if (table === undefined || of === undefined) return meanings[name] ?? name;
  const meaning = columnMeaning(table, of);
  if (type.kind === 'time') return `${meaning}, in microseconds since midnight`;
  if (of.type.kind !== 'numeric') return meaning;
  return name === of.name
    ? `${meaning}; NULL where it does not fit`
    : `${meaning}, as text where the number is not all`;
}

const glueColumn = (table: StarTable | undefined, column: CatalogColumn): GlueColumn => ({
  name: column.name,
  type: engineType(column.type, 'hive'),
  comment: commentOf(table, column),
});

function glueView({ comment, columns, sql }: Omit<LakeView, 'name'>, table?: StarTable): Catalog['views'][string] {
  return {
    comment,
    columns: columns.map((column) => ({ ...glueColumn(table, column), trino: engineType(column.type, 'trino') })),
    sql,
  };
}

const tableOf = (view: string): StarTable =>
  starTables.find((table) => table.name === view || (table.kind === 'fact' && table.currentView === view))!;

/** The catalogue of the lake, as it follows from the declaration of the star. */
export const catalog = (): Catalog => ({
  log: { name: logTable, columns: logColumns },
  tables: Object.fromEntries(
    starTables.map((table) => [
      table.name,
      {
        comment: `All objects of ${table.name} that lie in the lake, those that no version names too: read the view instead.`,
        columns: [
          ...objectColumns(table).map((column) => glueColumn(table, column)),
          {
            name: versionColumn.name,
            type: 'int',
            comment: 'the version of the row, where its object has rows of several',
          },
        ],
      },
    ]),
  ),
  views: Object.fromEntries([
    [
      objectsView,
      glueView({
        comment: 'The objects of the lake that count: each row of the log is in one of them, once.',
        columns: objectsViewColumns,
        sql: objectsQuery(schemas, '{root}', 'trino'),
      }),
    ],
    ...starViews(schemas).map((view) => {
      const table = tableOf(view.name);
      return [
        view.name,
        glueView({ ...view, comment: view.name === table.name ? tableMeaning(table) : view.comment }, table),
      ];
    }),
  ]) as Catalog['views'],
});
