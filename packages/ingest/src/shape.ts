import type { RawTable, SeenColumn } from '@totes/core';
import type { CatalogTable } from './catalog.ts';

/** What of a table decides which rows it has and how they are written. */
type Shape = Pick<RawTable, 'columns' | 'relations'>;

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const identities = (columns: readonly SeenColumn[]): unknown =>
  columns.map(({ name, type, number }) => [name, type, number]);

/** Whether a table has the same columns: name, type and number of each. */
export const isSameColumns = (a: Shape, b: Shape): boolean => isSame(identities(a.columns), identities(b.columns));

/** Whether a table has the same columns, partitions and inheritance children, so that xmin can tell what changed. */
export const isSameShape = (a: Shape, b: Shape): boolean => isSameColumns(a, b) && isSame(a.relations, b.relations);

/** Columns as a manifest records them. */
export const seenColumns = ({ columns }: CatalogTable): SeenColumn[] =>
  columns.map(({ name, type, nullable, number, storedType }) => ({
    name,
    type,
    nullable,
    number,
    ...(storedType !== type && { storedType }),
  }));
