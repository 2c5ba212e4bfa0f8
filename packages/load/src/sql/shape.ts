import { sqlType, type StarTable } from '@totes/core';
import type { RetiredTable } from '../retired.ts';

/** A column as the database's catalog describes it. */
export interface ColumnShape {
  readonly name: string;
  /** As PostgreSQL's format_type writes it. */
  readonly type: string;
  readonly nullable: boolean;
  /** Whether the database always assigns the value. */
  readonly identity: boolean;
}

/** A foreign key of one column. */
export interface Reference {
  readonly column: string;
  /** What it points at, in the same schema. */
  readonly table: string;
}

/** A table as the database's catalog describes it. */
export interface TableShape {
  readonly name: string;
  readonly kind: 'table' | 'view' | 'other';
  /** In physical order. */
  readonly columns: readonly ColumnShape[];
  readonly primaryKey: readonly string[];
  readonly references: readonly Reference[];
  /** The columns of each index that covers every row. */
  readonly indexes: readonly (readonly string[])[];
}

/** What the catalog shows for a star table that was made as declared. */
export function declaredShape(table: StarTable): TableShape {
  const declared = table.columns.map(({ name, type, nullable }) => ({
    name,
    type: sqlType(type),
    nullable,
    identity: false,
  }));
  const shape = {
    name: table.name,
    kind: 'table',
    references: table.columns.flatMap(({ name, references }) =>
      references === undefined ? [] : [{ column: name, table: references }],
    ),
  } as const;
  if (table.kind === 'dimension') return { ...shape, columns: declared, primaryKey: [table.key], indexes: [] };
  return {
    ...shape,
    columns: [{ name: table.recordKey, type: 'bigint', nullable: false, identity: true }, ...declared],
    primaryKey: [table.recordKey],
    // Finds the version in force of a business id: the one with the greatest record key.
    indexes: [[table.key, table.recordKey]],
  };
}

/** What the catalog shows for a table of retired rows that was made as declared. */
export function retiredShape({ name, key }: RetiredTable): TableShape {
  const column = (name: string, type: string): ColumnShape => ({ name, type, nullable: false, identity: false });
  return {
    name,
    kind: 'table',
    columns: [
      column(key.name, key.type),
      column('reason', 'text'),
      column('version', 'bigint'),
      column('source_read_at', 'timestamp with time zone'),
    ],
    primaryKey: [key.name],
    references: [],
    indexes: [],
  };
}

/** A relation that is there. */
export interface FoundRelation extends TableShape {
  /** Whether this user may alter it. */
  readonly owned: boolean;
  /** The relations of the same schema that it is a view of. */
  readonly uses: readonly string[];
  readonly references: readonly (Reference & { readonly constraint: string })[];
}
