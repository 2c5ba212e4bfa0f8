import { dimensions, sourceTable, type Dimension, type Projected, type StarColumn, type StarTable } from '@totes/core';

/** How a dimension whose rows take columns from another table finds that table's row. */
export interface Join {
  readonly table: string;
  /** The column of the dimension's own source table that holds the other's key. */
  readonly via: string;
}

/** The join of a dimension, if it has one. */
export function joinOf(dimension: Dimension): Join | undefined {
  const column = dimension.columns.find(({ from }) => from.kind === 'joined');
  return column?.from.kind === 'joined' ? { table: column.from.table, via: column.from.via } : undefined;
}

const joinedDimensions = dimensions.filter((dimension) => joinOf(dimension) !== undefined);

/**
 * The source tables whose current rows a join needs, what is pointed at before what points at it. A change on either
 * side of a join must re-emit the joined rows, so both sides are kept.
 */
export const stateTables: readonly string[] = [
  ...new Set([
    ...joinedDimensions.map((dimension) => joinOf(dimension)!.table),
    ...joinedDimensions.map(({ source }) => source!),
  ]),
];

/** What is read of a source table to make the columns of a warehouse table that come from its own rows. */
export function starProjection(table: StarTable): Projected[] {
  return table.columns.flatMap(({ from, ...column }) =>
    from.kind === 'joined' || from.kind === 'elsewhere'
      ? []
      : [
          {
            ...column,
            source: from.column,
            reading: from.kind === 'column' || from.kind === 'currencyName' ? 'value' : from.kind,
          } satisfies Projected,
        ],
  );
}

/** What is kept of a state table: its key, and every column that a dimension takes from it or joins by. */
export function stateProjection(table: string): Projected[] {
  const declared = sourceTable(table);
  const used = dimensions.flatMap((dimension) =>
    dimension.columns.flatMap(({ from }: StarColumn): string[] => {
      if (from.kind === 'joined' && from.table === table) return [from.column];
      if (dimension.source !== table) return [];
      if (from.kind === 'joined') return [from.via];
      return from.kind === 'elsewhere' ? [] : [from.column];
    }),
  );
  return [...new Set([declared.key, ...used])].map((column) => {
    const { type, nullable } = declared.columns[column]!;
    return { name: column, type, nullable, source: column, reading: 'value' };
  });
}

/** The dimensions whose rows come straight from a source table of their own, with no state but their keys. */
export const plainDimensions = dimensions.filter(
  (table): table is Dimension & { readonly source: string } =>
    table.source !== undefined && !stateTables.includes(table.source),
);

/** The dimensions that are made from state. */
export const stateDimensions = dimensions.filter(({ source }) => source !== undefined && stateTables.includes(source));
