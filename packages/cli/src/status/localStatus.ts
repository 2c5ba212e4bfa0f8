import { WarehouseMismatch, type Lake, type ProcessedManifest } from '@totes/core';
import { checkShape, warehouseStatus, type WarehouseStatus } from '@totes/load';
import type { Client } from 'pg';
import { openLakeHere, using, waitBriefly, type IngestInput } from '../pipeline.ts';
import { attempt, type Part } from './attempt.ts';
import { readLakeState, valueOf, type LakeState } from './lakeState.ts';
import { faultsOf, lakeStatus } from './lakeStatus.ts';
import { localCommands } from './nextCommands.ts';
import { findProblems, type LedgerDoubt } from './problems.ts';
import { askSource, type SourceAnswer } from './sourceState.ts';
import type { Status, WarehouseHead } from './status.ts';

export interface StatusInput extends Omit<IngestInput, 'source'> {
  readonly source?: string;
  readonly warehouse?: string;
  readonly schema: string;
}

/** What the warehouse says of itself; a mismatch is an answer too. */
type Ledger =
  | { readonly loaded: WarehouseStatus | null; readonly doubt?: LedgerDoubt | undefined }
  | { readonly doubt: LedgerDoubt };

/**
 * Where the pipeline stands, from the lake's logs and, where they are named, the warehouse's ledger and the source. Throws
 * ConfigInvalid, LakeCorrupt, ManifestUnsupported.
 */
export async function localStatus(input: StatusInput, now: Date): Promise<Status> {
  const lake = await openLakeHere(input.lake);
  const { source, warehouse: place } = input;
  const [{ state, answer }, ledger] = await Promise.all([
    readLakeState(lake).then(async (state) => ({
      state,
      answer: source === undefined ? undefined : await askIfLakeIsThere(lake, state, { ...input, source }),
    })),
    place === undefined ? undefined : attempt(() => readLedger(place, input.schema)),
  ]);
  const warehouse = await judge(lake, input.schema, state, ledger);
  const { fields, faults } = await lakeStatus(lake, state, warehouse?.head?.version, now);
  const status = {
    lake: lake.raw.store.uri.replace(/\/ingestion$/, ''),
    ...fields,
    ...(warehouse && { warehouse: warehouse.head }),
    ...(answer && { source: valueOf(answer)?.news ?? null }),
  };
  const evidence = {
    status,
    faults: [...faults, ...faultsOf({ 'the warehouse': ledger ?? {}, 'the source': answer ?? {} })],
    doubt: warehouse?.doubt,
    refusal: answer && valueOf(answer)?.refusal,
    lateAfter: 0,
    now,
  };
  const problems = findProblems(evidence, localCommands(input));
  return { healthy: problems.length === 0, problems, ...status };
}

/** What is new to the lake cannot be told without its log. */
const askIfLakeIsThere = async (
  lake: Lake,
  { raw }: LakeState,
  input: IngestInput,
): Promise<Part<SourceAnswer | null>> => (raw.fault === undefined ? askSource(lake, input) : { value: null });

const readLedger = (warehouse: string, schema: string): Promise<Ledger> =>
  using('warehouse', warehouse, async (client) => {
    await waitBriefly(client);
    try {
      const loaded = await warehouseStatus(client, schema);
      return loaded === undefined ? { loaded: null } : { loaded, doubt: await doubtOfShape(client, schema) };
    } catch (error) {
      if (error instanceof WarehouseMismatch) return { doubt: { kind: 'emptied', message: error.message } };
      throw error;
    }
  });

async function doubtOfShape(warehouse: Client, schema: string): Promise<LedgerDoubt | undefined> {
  try {
    if (await checkShape({ warehouse, schema })) return undefined;
    const message = `warehouse schema ${schema} lacks tables, keys or views of the star, which the next load makes`;
    return { kind: 'incomplete', message };
  } catch (error) {
    if (error instanceof WarehouseMismatch) return { kind: 'mismatch', message: error.message };
    throw error;
  }
}

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
  if (!('loaded' in ledger.value)) return { head: null, doubt: ledger.value.doubt };
  const { loaded } = ledger.value;
  if (loaded === null) return { head: { schema, version: 0, loadedAt: null, otherLake: false } };
  const lakeId = (valueOf(state.raw) ?? valueOf(state.processed))?.lakeId;
  const { version, loadedAt } = loaded;
  // Which lake this is cannot be told then.
  if (lakeId === undefined && state.raw.fault !== undefined)
    return { head: { schema, version, loadedAt, otherLake: false } };
  if (loaded.lakeId !== lakeId) {
    const head = { schema, version: 0, loadedAt: null, otherLake: true };
    const wasLoaded = `warehouse schema ${schema} was loaded from another lake`;
    const upTo = `${loaded.lakeId} up to version ${version}`;
    if (lakeId !== undefined)
      return { head, doubt: { kind: 'otherLake', message: `${wasLoaded} than this one, ${upTo}` } };
    const message = `there is nothing in this lake, and ${wasLoaded}, ${upTo}: is this the lake that was meant?`;
    return { head, doubt: { kind: 'emptyLake', message } };
  }
  const doubt = (await doubtOf(lake, schema, loaded, valueOf(state.processed))) ?? ledger.value.doubt;
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
