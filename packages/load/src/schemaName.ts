import { ConfigInvalid } from '@totes/core';

/** Bytes that PostgreSQL keeps of a name. It cuts longer ones off, and then finds no schema of the whole name. */
export const longestName = 63;

/** Throws ConfigInvalid for what cannot be the name of a schema. */
export function refuseBadSchemaName(schema: string): void {
  if (schema !== '' && Buffer.byteLength(schema) <= longestName) return;
  throw new ConfigInvalid(`the name of the warehouse schema, "${schema}", must have 1 to ${longestName} bytes`);
}
