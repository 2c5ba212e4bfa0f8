import type { Client } from 'pg';
import { failure, whereIs } from '@totes/core';
import { dialectOf } from './dialectOf.ts';
import { lostEverything } from './nextStep.ts';
import { surveyWarehouse } from './survey.ts';

/** The load that a warehouse schema saw last. */
export interface WarehouseStatus {
  readonly version: number;
  readonly lakeId: string;
  /** The transform run that wrote it: a log that was rebuilt has the version of another one. */
  readonly runId: string;
  /** When it was loaded, ISO 8601 UTC, by the warehouse's clock. */
  readonly loadedAt: string;
  /** When the source was read, ISO 8601 UTC, by the source's clock: the warehouse shows the source as it was then. */
  readonly sourceReadAt: string;
  /** Rows of the lake set aside until then. */
  readonly quarantined: number;
}

/**
 * What the ledger says of a warehouse schema; undefined where nothing was ever loaded into it, or all of it is gone.
 *
 * @throws WarehouseMismatch where some of the tables were emptied; WarehouseUnavailable, WarehouseRefused
 */
export async function warehouseStatus(client: Client, schema: string): Promise<WarehouseStatus | undefined> {
  const { ledger, readTransaction } = dialectOf(client);
  try {
    const survey = await readTransaction(client, () => surveyWarehouse(client, schema));
    if (survey.lakes.length === 0 || lostEverything(survey)) return undefined;
    const last = await ledger.last(client, schema);
    return last && { ...last, version: Number(last.version), quarantined: Number(last.quarantined) };
  } catch (error) {
    throw failure('warehouse', whereIs(client), error);
  }
}
