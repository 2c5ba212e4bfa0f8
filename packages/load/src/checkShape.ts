import { failure, whereIs } from '@totes/core';
import type { LoadOptions } from './options.ts';
import { dialectOf } from './dialectOf.ts';
import { lacking } from './lacking.ts';
import { surveyWarehouse } from './survey.ts';

/**
 * Whether a warehouse schema has every table, key and view of the star; a load makes those that it lacks. Only reads.
 *
 * @throws WarehouseMismatch where some are there and not as they are declared: no load goes on then; WarehouseUnavailable,
 *   WarehouseRefused
 */
export async function checkShape({ warehouse, schema }: Pick<LoadOptions, 'warehouse' | 'schema'>): Promise<boolean> {
  const dialect = dialectOf(warehouse);
  try {
    const survey = await dialect.readTransaction(warehouse, () => surveyWarehouse(warehouse, schema));
    return lacking(dialect, survey).length === 0;
  } catch (error) {
    throw failure('warehouse', whereIs(warehouse), error);
  }
}
