import type { Client } from 'pg';
import { WarehouseRefused } from '../errors.ts';
import { isRedshift } from './redshiftClient.ts';
import { whereIs } from './whereIs.ts';

/**
 * Throws WarehouseRefused where a warehouse is Redshift and the work is written for PostgreSQL alone.
 *
 * @param work what cannot be done, to begin the sentence
 * @param instead what to do
 */
export function refuseRedshift(client: Client, work: string, instead: string): void {
  if (!isRedshift(client)) return;
  throw new WarehouseRefused(`${whereIs(client)}: ${work} needs a warehouse in PostgreSQL: ${instead}`);
}
