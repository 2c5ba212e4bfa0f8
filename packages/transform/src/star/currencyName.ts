import { columnOf, textAt, type TextColumn } from '@totes/core';
import { code } from 'currency-codes';

/**
 * The name that ISO 4217 gives each currency code. A code that it does not list names itself, so that a new or private
 * currency never keeps an order out of the warehouse.
 */
export function currencyNames(codes: TextColumn, rows: number): TextColumn {
  const names = Array.from({ length: rows }, (_, row) => {
    const currency = textAt(codes, row);
    return currency === null ? null : (code(currency)?.currency ?? currency);
  });
  return columnOf('text', names) as TextColumn;
}
