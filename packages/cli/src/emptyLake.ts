import { WarehouseMismatch, type Lake } from '@totes/core';
import { warehouseStatus } from '@totes/load';
import type { Client } from 'pg';

/**
 * Throws WarehouseMismatch where nothing was ever written to the lake and yet the warehouse was loaded: all of the source
 * would be read into a lake that was named by mistake, and not one row of it be loaded.
 */
export async function refuseEmptyLake(
  { raw }: Lake,
  warehouse: Client,
  { lake, schema, adopt }: { readonly lake: string; readonly schema: string; readonly adopt?: true },
): Promise<void> {
  if (adopt === true || (await raw.log.head()) > 0) return;
  const loaded = await warehouseStatus(warehouse, schema);
  if (loaded === undefined) return;
  throw new WarehouseMismatch(
    `warehouse schema "${schema}" was loaded from lake ${loaded.lakeId} up to version ${loaded.version}, and there is nothing ` +
      `in lake ${lake}: name the lake or the schema that was meant, or, if that lake is lost and this one takes its place, add --adopt`,
  );
}
