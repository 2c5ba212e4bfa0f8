import { code } from 'currency-codes';

/**
 * The name that ISO 4217 gives a currency code. A code that it does not list names itself, so that a new or private
 * currency never keeps an order out of the warehouse.
 */
export const currencyName = (currency: string): string => code(currency)?.currency ?? currency;
