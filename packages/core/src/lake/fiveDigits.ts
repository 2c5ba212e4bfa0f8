/** A number as part of a key: five digits at least, so that names sort as numbers do. */
export const fiveDigits = (number: number): string => String(number).padStart(5, '0');
