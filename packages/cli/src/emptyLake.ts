import { WarehouseMismatch } from '@totes/core';
import { warehouseStatus } from '@totes/load';
import type { Client } from 'pg';

/**
 * For a lake to which nothing was ever written. Throws WarehouseMismatch where the warehouse was loaded all the same: all of the
 * source would be read into a lake that was named by mistake, and not one row of it be loaded.
 */
export async function refuseEmptyLake(
  warehouse: Client,
  { lake, schema, adopt }: { readonly lake: string; readonly schema: string; readonly adopt?: true },
): Promise<void> {
  if (adopt === true) return;
  const loaded = await warehouseStatus(warehouse, schema);
  if (loaded === undefined) return;
  throw new WarehouseMismatch(
    `warehouse schema "${schema}" was loaded from lake ${loaded.lakeId} up to version ${loaded.version}, and there is nothing ` +
      `in lake ${lake}: name the lake or the schema that was meant, or, if that lake is lost and this one takes its place, add --adopt`,
  );
}
