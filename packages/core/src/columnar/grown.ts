export type Values = Uint8Array | Uint32Array | Int32Array | Float64Array;

/** An empty array of the same kind. */
export const like = <T extends Values>(values: T, length: number): T =>
  new (values.constructor as new (length: number) => T)(length);

/** The values in an array of at least that length; the same array where it has it already. */
export function grown<T extends Values>(values: T, length: number): T {
  if (values.length >= length) return values;
  const larger = like(values, length);
  larger.set(values);
  return larger;
}
