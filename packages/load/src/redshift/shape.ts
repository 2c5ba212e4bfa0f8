import { starTables, type StarTable } from '@totes/core';
import { retiredTables, type RetiredTable } from '../retired.ts';
import { declaredShape, retiredShape, type TableShape } from '../sql/shape.ts';
import { longestText, redshiftType } from './types.ts';

/**
 * What Redshift's catalog shows for a star table that was made as declared. Record keys are given by the load: Redshift's
 * own IDENTITY leaves gaps, and says nothing of the order.
 */
export function starShape(table: StarTable): TableShape {
  const shape = declaredShape(table);
  return {
    ...shape,
    columns: shape.columns.map((column) => {
      const declared = table.columns.find(({ name }) => name === column.name);
      return { ...column, identity: false, type: declared === undefined ? column.type : redshiftType(declared.type) };
    }),
    indexes: [],
  };
}

/** The same for a table of retired rows. */
export function retiredStarShape(table: RetiredTable): TableShape {
  const shape = retiredShape(table);
  return {
    ...shape,
    columns: shape.columns.map((column) =>
      column.type === 'text' ? { ...column, type: `character varying(${longestText})` } : column,
    ),
  };
}

/** All tables of the star as Redshift has them. */
export const redshiftShapes: readonly TableShape[] = [
  ...starTables.map(starShape),
  ...retiredTables.map(retiredStarShape),
];
