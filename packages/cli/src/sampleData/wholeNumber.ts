import { ConfigInvalid } from '@totes/core';

/** Throws ConfigInvalid, with the name and the value, unless the value is a whole number from `low` to `high`. */
export function checkWholeNumber(name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new ConfigInvalid(`${name} is ${value}: it must be a whole number from ${low} to ${high}`);
}
