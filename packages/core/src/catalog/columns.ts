import { exactName } from '../columnar/arrow.ts';
import { numericStorage } from '../columnar/column.ts';
import { bigint, boolean, decimal, text, type CatalogType } from './types.ts';
import type { StarColumn, StarTable } from '../tables/star.ts';

/** A column of the lake as a reader of Parquet finds it, or of a view on it. */
export interface CatalogColumn {
  readonly name: string;
  readonly type: CatalogType;
  /** The declared column that it holds, or a part of. */
  readonly of?: StarColumn;
}

/** The columns that the objects of a star table have: a numeric without precision is two. */
export const objectColumns = ({ columns }: StarTable): CatalogColumn[] =>
  columns.flatMap((column): CatalogColumn[] => {
    const { name, type } = column;
    if (type.kind !== 'numeric') return [{ name, type, of: column }];
    const { precision, scale } = numericStorage;
    return [
      { name, type: decimal(precision, scale), of: column },
      { name: exactName(name), type: text, of: column },
    ];
  });

/** Of which version a row is. */
export const versionColumn: CatalogColumn = { name: 'version', type: bigint };

/** Whether no later version of the row followed, nor its deletion. */
export const inForceColumn: CatalogColumn = { name: 'in_force', type: boolean };

/** Whether the source does not have the row any more. */
export const deletedColumn: CatalogColumn = { name: 'deleted', type: boolean };
