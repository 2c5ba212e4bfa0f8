import { WarehouseMismatch, type Lake, type ProcessedManifest } from '@totes/core';
import { warehouseStatus, type WarehouseStatus } from '@totes/load';
import { openLakeHere, using } from '../pipeline.ts';
import { attempt, type Part } from './attempt.ts';
import { readLakeState, valueOf, type LakeState } from './lakeState.ts';
import { faultsOf, lakeStatus } from './lakeStatus.ts';
import { localCommands } from './nextCommands.ts';
import { findProblems, type LedgerDoubt } from './problems.ts';
import type { Status, WarehouseHead } from './status.ts';

export interface StatusInput {
  readonly lake: string;
  readonly warehouse?: string;
  readonly schema: string;
}

/** What the ledger says; a mismatch is an answer too. */
type Ledger = { readonly loaded: WarehouseStatus | null } | { readonly mismatch: string };

/**
 * Where the pipeline stands, from the lake's logs and, where it is named, the warehouse's ledger. Throws ConfigInvalid,
 * LakeCorrupt, ManifestUnsupported.
 */
export async function localStatus(input: StatusInput, now: Date): Promise<Status> {
  const lake = await openLakeHere(input.lake);
  const [state, ledger] = await Promise.all([
    readLakeState(lake),
    input.warehouse === undefined ? undefined : attempt(() => readLedger(input.warehouse!, input.schema)),
  ]);
  const warehouse = await judge(lake, input.schema, state, ledger);
  const { fields, faults } = await lakeStatus(lake, state, warehouse?.head?.version, now);
  const status = {
    lake: lake.raw.store.uri.replace(/\/ingestion$/, ''),
    ...fields,
    ...(warehouse && { warehouse: warehouse.head }),
  };
  const evidence = {
    status,
    faults: [...faults, ...faultsOf({ 'the warehouse': ledger ?? {} })],
    doubt: warehouse?.doubt,
    lateAfter: 0,
    now,
  };
  const problems = findProblems(evidence, localCommands(input));
  return { healthy: problems.length === 0, problems, ...status };
}

const readLedger = (warehouse: string, schema: string): Promise<Ledger> =>
  using('warehouse', warehouse, async (client) => {
    try {
      return { loaded: (await warehouseStatus(client, schema)) ?? null };
    } catch (error) {
      if (error instanceof WarehouseMismatch) return { mismatch: error.message };
      throw error;
    }
  });

interface Judged {
  readonly head: WarehouseHead | null;
  readonly doubt?: LedgerDoubt;
}

/** What the ledger means beside the logs. */
async function judge(
  lake: Lake,
  schema: string,
  state: LakeState,
  ledger: Part<Ledger> | undefined,
): Promise<Judged | undefined> {
  if (ledger === undefined) return undefined;
  if (ledger.fault !== undefined) return { head: null };
  if ('mismatch' in ledger.value) return { head: null, doubt: { kind: 'mismatch', message: ledger.value.mismatch } };
  const { loaded } = ledger.value;
  if (loaded === null) return { head: { schema, version: 0, loadedAt: null, otherLake: false } };
  const lakeId = (valueOf(state.raw) ?? valueOf(state.processed))?.lakeId;
  const { version, loadedAt } = loaded;
  // Which lake this is cannot be told then.
  if (lakeId === undefined && state.raw.fault !== undefined)
    return { head: { schema, version, loadedAt, otherLake: false } };
  if (loaded.lakeId !== lakeId) {
    return {
      head: { schema, version: 0, loadedAt: null, otherLake: true },
      doubt: {
        kind: 'otherLake',
        message: `warehouse schema ${schema} was loaded from another lake than this one, ${loaded.lakeId} up to version ${version}`,
      },
    };
  }
  const doubt = await doubtOf(lake, schema, loaded, valueOf(state.processed));
  return { head: { schema, version, loadedAt, otherLake: false }, ...(doubt && { doubt }) };
}

/** Whether the version that was loaded is the one that the log has under its number now. */
async function doubtOf(
  { processed }: Lake,
  schema: string,
  loaded: WarehouseStatus,
  head: ProcessedManifest | null,
): Promise<LedgerDoubt | undefined> {
  if (head === null) return undefined;
  const { version } = loaded;
  if (version > head.version) {
    const message = `warehouse schema ${schema} is at version ${version}, the processed log at ${head.version} only: the lake was put back to an older copy`;
    return { kind: 'olderLake', message };
  }
  const same = await attempt(() => processed.log.read(version));
  if (same.fault !== undefined || same.value.runId === loaded.runId) return undefined;
  return Date.parse(same.value.source.readAt) === Date.parse(loaded.sourceReadAt)
    ? {
        kind: 'rebuiltLog',
        message: `the processed log was rebuilt since version ${version} was loaded into warehouse schema ${schema}`,
      }
    : {
        kind: 'olderLake',
        message: `version ${version} of the lake shows the source as of ${same.value.source.readAt}, the one in warehouse schema ${schema} as of ${loaded.sourceReadAt}: the lake was put back to an older copy`,
      };
}
