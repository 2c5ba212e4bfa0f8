import { identifier, type StarColumn } from '@totes/core';

/**
 * The condition that rows `a` and `b` differ in one of these columns. IS DISTINCT FROM is not known to Redshift. Its `=`
 * and `<>` pass over blanks at the end of a text, so lengths are compared too.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html#r_Character_types-significance-of-trailing-blanks
 */
export const differ = (columns: readonly StarColumn[], a: string, b: string): string =>
  `(${columns.flatMap((column) => differences(column, identifier(a, column.name), identifier(b, column.name))).join(' OR ')})`;

function differences({ type, nullable }: StarColumn, a: string, b: string): string[] {
  const values = [`${a} <> ${b}`, ...(type.kind === 'text' ? [`octet_length(${a}) <> octet_length(${b})`] : [])];
  return nullable ? [...values, `(${a} IS NULL AND ${b} IS NOT NULL)`, `(${a} IS NOT NULL AND ${b} IS NULL)`] : values;
}
