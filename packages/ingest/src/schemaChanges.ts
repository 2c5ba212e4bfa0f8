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
}

const isNeeded = (table: string, column: string): boolean =>
  sourceTables.some(({ name, columns }) => name === table && Object.hasOwn(columns, column));

/** Throws ConfigInvalid where what is accepted is not a `table.column` that the star needs. */
export function checkAccepted(accepted: readonly string[]): void {
  const wrong = accepted.filter((each) => !sourceTables.some(({ name, columns }) => isColumnOf(each, name, columns)));
  if (wrong.length === 0) return;
  const names = wrong.map((each) => JSON.stringify(each)).join(', ');
  throw new ConfigInvalid(
    `columns accepted as narrowed: ${names}, expected TABLE.COLUMN of columns that the star needs`,
  );
}

const isColumnOf = (text: string, table: string, columns: object): boolean =>
  text.startsWith(`${table}.`) && Object.hasOwn(columns, text.slice(table.length + 1));

/**
 * Tells what became of the source's tables and columns since the version before.
 *
 * @param accepted columns that the star needs and that may be narrower now, as `table.column`
 * @throws SourceSchemaDrift where any other column that the star needs has become narrower: its values may have been
 *   rounded or cut by that. The message lists every one.
 */
export function checkChanges(
  previous: RawManifest | undefined,
  { found, read, where }: SchemaNow,
  accepted: readonly string[],
): string[] {
  if (previous === undefined) return [];
  const changes = read.flatMap((table) => changesOf(table, previous));
  const refused = changes.filter(({ narrowed }) => narrowed !== undefined && !accepted.includes(narrowed.column));
  if (refused.length > 0) {
    const columns = refused.map(({ narrowed }) => narrowed!.column);
    throw new SourceSchemaDrift(
      `source ${where} has columns that became narrower, so that values may have been rounded or cut: ` +
        `${refused.map(({ narrowed }) => narrowed!.problem).join('; ')}; widen them again, or accept what they hold now ` +
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
  /** Where a column that the star needs became narrower. */
  readonly narrowed?: { readonly column: string; readonly problem: string };
}

function changesOf(table: CatalogTable, { tables, version }: RawManifest): Change[] {
  const before = own(tables, table.name);
  if (before === undefined) return [{ notice: `table ${table.name} is new in the source, and archived from now on` }];
  const changed = table.columns.flatMap((column) => {
    const was = before.columns.find(({ name }) => name === column.name);
    return changeOf(table.name, column, was, version);
  });
  const gone = before.columns.filter(({ name }) => !table.columns.some((column) => column.name === name));
  return [...changed, ...gone.map(({ name }) => ({ notice: `column ${table.name}.${name} is gone from the source` }))];
}

function changeOf(table: string, now: CatalogColumn, was: SeenColumn | undefined, version: number): Change[] {
  const column = `${table}.${now.name}`;
  if (was === undefined) return [{ notice: `column ${column} is new in the source, and archived: ${now.type}` }];
  if (was.type === now.type) return [];
  const notice = `column ${column} is ${now.type}, at version ${version} it was ${was.type}`;
  if (!isNeeded(table, now.name) || !isNarrower(was.type, now.storedType)) return [{ notice }];
  const problem = `column ${column} is ${now.type}, expected ${was.type} as at version ${version}, or wider`;
  return [{ notice: `${notice}: accepted, though it is narrower`, narrowed: { column, problem } }];
}
