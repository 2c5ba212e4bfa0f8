import type { Dialect } from './dialect.ts';
import type { Survey } from './survey.ts';

/**
 * The statements that make what a warehouse lacks of the star: the schema, tables, keys and views. Throws WarehouseMismatch
 * where some are there and not as they are declared.
 */
export function lacking({ planSchema }: Dialect, { schema, relations }: Survey): readonly string[] {
  const { before, after } = planSchema(schema, relations);
  return [...before, ...after];
}
