import { exactName, numericStorage, type ColumnType, type StarColumn } from '@totes/core';

/** Bytes of the longest text that Redshift keeps. https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html */
export const longestText = 65_535;

const text = `character varying(${longestText})`;

/** What a numeric without precision becomes: without one Redshift would round it to a whole number. */
const numeric = `numeric(${numericStorage.precision},${numericStorage.scale})`;

/** The type of a star column, in the words of Redshift's own catalog. */
export function redshiftType(type: ColumnType): string {
  switch (type.kind) {
    case 'text':
      return text;
    case 'numeric':
      return numeric;
    case 'decimal':
      return `numeric(${type.precision},${type.scale})`;
    case 'time':
      return 'time without time zone';
    case 'timestamp':
      return 'timestamp without time zone';
    default:
      return type.kind;
  }
}

export interface CopiedColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * The columns that a star column has in the lake's Parquet, as COPY takes them: in the order of the file. COPY knows no
 * times of day, so one is taken as the microseconds since midnight that it is stored as.
 */
export function copiedColumns({ name, type }: StarColumn): CopiedColumn[] {
  if (type.kind === 'time') return [{ name, type: 'bigint' }];
  const column = { name, type: redshiftType(type) };
  return type.kind === 'numeric' ? [column, { name: exactName(name), type: text }] : [column];
}
