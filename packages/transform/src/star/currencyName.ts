import { columnOf, currencyName, textAt, type TextColumn } from '@totes/core';

/** The name of each currency code; NULL for NULL. */
export function currencyNames(codes: TextColumn, rows: number): TextColumn {
  const names = Array.from({ length: rows }, (_, row) => {
    const currency = textAt(codes, row);
    return currency === null ? null : currencyName(currency);
  });
  return columnOf('text', names) as TextColumn;
}
