import { ConfigInvalid, SourceSchemaDrift, sourceTables, type RawManifest, type SeenColumn } from '@totes/core';
import type { CatalogColumn, CatalogTable } from './catalog.ts';
import { isNarrower } from './narrower.ts';
import { own } from './own.ts';

/** The source's tables as they are now, held against those of a version. */
export interface SchemaNow {
  /** Every table of the schema. */
  readonly found: readonly CatalogTable[];
  /** Those of them that are read. */
  readonly read: readonly CatalogTable[];
  /** The database and its schema, for messages. */
  readonly where: string;
  /** Whether object ids and column numbers mean what they meant at the version. */
  readonly sameDatabase: boolean;
}

const isNeeded = (table: string, column: string): boolean =>
  sourceTables.some(({ name, columns }) => name === table && Object.hasOwn(columns, column));

/** Throws ConfigInvalid where what is accepted is not a `table.column` that the star needs. */
export function checkAccepted(accepted: readonly string[]): void {
  const wrong = accepted.filter((each) => !sourceTables.some(({ name, columns }) => isColumnOf(each, name, columns)));
  if (wrong.length === 0) return;
  const names = wrong.map((each) => JSON.stringify(each)).join(', ');
  throw new ConfigInvalid(
    `columns accepted as narrowed or replaced: ${names}, expected TABLE.COLUMN of columns that the star needs`,
  );
}

const isColumnOf = (text: string, table: string, columns: object): boolean =>
  text.startsWith(`${table}.`) && Object.hasOwn(columns, text.slice(table.length + 1));

/**
 * Tells what became of the source's tables and columns since the version before.
 *
 * @param accepted columns that the star needs and that may be narrower or other columns now, as `table.column`
 * @throws SourceSchemaDrift where any other column that the star needs has become narrower, so that its values may have
 *   been rounded or cut, or where another column has taken its name. The message lists every one.
 */
export function checkChanges(
  previous: RawManifest | undefined,
  { found, read, where, sameDatabase }: SchemaNow,
  accepted: readonly string[],
): string[] {
  if (previous === undefined) return [];
  const changes = read.flatMap((table) => changesOf(table, previous, sameDatabase));
  const refused = changes.filter(({ doubtful }) => doubtful !== undefined && !accepted.includes(doubtful.column));
  if (refused.length > 0) {
    const columns = refused.map(({ doubtful }) => doubtful!.column);
    throw new SourceSchemaDrift(
      `source ${where} has columns that became narrower, so that values may have been rounded or cut, or that others replaced: ` +
        `${refused.map(({ doubtful }) => doubtful!.problem).join('; ')}; ` +
        'widen or rename them back, or accept what they hold now ' +
        `with ${columns.map((column) => `--accept-narrowed ${column}`).join(' ')} ` +
        `(ACCEPT_NARROWED=${columns.join(',')} where the environment holds the settings)`,
    );
  }
  const gone = Object.keys(previous.tables).filter((name) => !found.some((table) => table.name === name));
  return [
    ...changes.map(({ notice }) => notice),
    ...gone.map((name) => `table ${name} is gone from the source, or ignored now`),
  ];
}

interface Change {
  readonly notice: string;
  /** Where a column that the star needs may not hold what it held before. */
  readonly doubtful?: { readonly column: string; readonly problem: string };
}

function changesOf(table: CatalogTable, { tables, version }: RawManifest, sameDatabase: boolean): Change[] {
  const before = own(tables, table.name);
  if (before === undefined) return [{ notice: `table ${table.name} is new in the source, and archived from now on` }];
  const isSameTable = before.relations.includes(table.relation);
  const columns = table.columns.flatMap((column) => {
    const was = before.columns.find(({ name }) => name === column.name);
    // Another table numbers its columns anew.
    const replaced = was !== undefined && sameDatabase && isSameTable && was.number !== column.number;
    return replaced ? replacedColumn(table, column, was, version) : changeOf(table.name, column, was, version);
  });
  const gone = before.columns.filter(({ name }) => !table.columns.some((column) => column.name === name));
  return [
    ...(sameDatabase && !isSameTable ? [replacedTable(table.name, version)] : []),
    ...columns,
    ...gone.map(({ name }) => ({ notice: `column ${table.name}.${name} is gone from the source` })),
  ];
}

/** That all is read follows from its other object id. */
const replacedTable = (table: string, version: number): Change => ({
  notice: `table ${table} is another table of that name than at version ${version}: all its rows are read`,
});

function replacedColumn(table: CatalogTable, now: CatalogColumn, was: SeenColumn, version: number): Change[] {
  const column = `${table.name}.${now.name}`;
  const former = table.columns.find(({ number }) => number === was.number)?.name;
  const what =
    `column ${column} is another column of that name: number ${now.number}, ${now.type}, expected number ${was.number}, ` +
    `${was.type}, as at version ${version}, which is ${former === undefined ? 'gone' : `called ${former} now`}`;
  if (!isNeeded(table.name, now.name)) return [{ notice: what }];
  return [{ notice: `${what}: accepted`, doubtful: { column, problem: what } }];
}

/** `public.price (numeric(10,2))` for a domain. */
const written = ({ type, storedType = type }: SeenColumn): string =>
  storedType === type ? type : `${type} (${storedType})`;

function changeOf(table: string, now: CatalogColumn, was: SeenColumn | undefined, version: number): Change[] {
  const column = `${table}.${now.name}`;
  if (was === undefined) return [{ notice: `column ${column} is new in the source, and archived: ${now.type}` }];
  // Manifests of older releases do not tell what a domain stands for.
  if (was.type === now.type && (was.storedType ?? now.storedType) === now.storedType) return [];
  const [before, after] = [written(was), written(now)];
  const notice = `column ${column} is ${after}, at version ${version} it was ${before}`;
  if (!isNeeded(table, now.name) || !isNarrower(was.storedType ?? was.type, now.storedType)) return [{ notice }];
  const problem = `column ${column} is ${after}, expected ${before} as at version ${version}, or wider`;
  return [{ notice: `${notice}: accepted, though it is narrower`, doubtful: { column, problem } }];
}
