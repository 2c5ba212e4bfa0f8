import { facts, WarehouseMismatch } from '@totes/core';
import pg from 'pg';

const foreignKeyViolation = '23503';

/**
 * A version holds what changed since the one before it, so a dimension row that somebody removed from the warehouse never
 * comes again. Throws WarehouseMismatch where an error says that a fact would point at such a row.
 */
export function refuseMissingRows(schema: string, version: number, error: unknown): void {
  if (!(error instanceof pg.DatabaseError) || error.code !== foreignKeyViolation || error.schema !== schema) return;
  const { table, constraint } = error;
  if (!facts.some(({ name }) => name === table)) return;
  throw new WarehouseMismatch(
    `warehouse schema "${schema}": version ${version} has a row of ${table} that points at one that is missing ` +
      `(${constraint}), as where something else removed it. Run totes replay, which rebuilds the warehouse; where that ` +
      'fails too, run it with --from-raw',
  );
}
