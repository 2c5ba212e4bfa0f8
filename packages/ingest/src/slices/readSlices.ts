import {
  connectPostgres,
  shared,
  SnapshotLost,
  SourceUnavailable,
  type PostgresTarget,
  type RawFormat,
} from '@totes/core';
import type { Client } from 'pg';
import type { LookOptions, OpenLook } from '../look.ts';
import type { Slice } from './cut.ts';
import type { SliceRead } from './gather.ts';
import { Progress, type IngestProgress } from './progress.ts';
import { readSlice } from './readSlice.ts';
import { exportSnapshot, inSharedSnapshot } from './sharedSnapshot.ts';

/** More connections that slices may be read with at once. */
export interface Readers {
  readonly target: PostgresTarget;
  /** How many, beside the one that keeps the snapshot. A source that grants fewer is read with fewer. */
  readonly connections: number;
}

type Read = (source: Client, slice: Slice) => Promise<SliceRead>;

/**
 * Reads all slices of a look: several at once, on connections that share its snapshot, where there are tables that were cut;
 * otherwise in turn, on the connection that keeps it.
 *
 * @throws SourceUnavailable, SourceRefused, LakeUnavailable, LakeRefused
 */
export async function readSlices(
  options: LookOptions & { readonly format: RawFormat },
  look: OpenLook,
  readers: Readers | undefined,
  onProgress: ((progress: IngestProgress) => void) | undefined,
): Promise<SliceRead[]> {
  const { source, raw, schema, format, at } = options;
  const plans = new Map(look.tables.map(({ plan }) => [plan.table.name, plan]));
  const into = (folder: string): Read => {
    const progress = new Progress(look.slices, onProgress);
    const writing = { store: raw.store, schema, format, folder, at };
    return async (client, slice) => {
      const read = await readSlice(client, writing, plans.get(slice.table)!, slice, progress.ofSlice(slice.table));
      progress.ended(slice.table);
      return read;
    };
  };
  const isCut = look.slices.some(({ blocks }) => blocks !== undefined);
  if (readers === undefined || readers.connections < 2 || !isCut)
    return shared([source], look.slices, into(options.folder));
  try {
    return await besideOneAnother(options, look.slices, readers, into(options.folder));
  } catch (error) {
    if (!(error instanceof SnapshotLost)) throw error;
    // The source's address leads to several servers, of which each has its own snapshots.
    return shared([source], look.slices, into(`${options.folder}-alone`));
  }
}

async function besideOneAnother(
  { source, schema }: LookOptions,
  slices: readonly Slice[],
  readers: Readers,
  read: Read,
): Promise<SliceRead[]> {
  const snapshot = await exportSnapshot(source);
  const clients = await connect(readers);
  if (clients.length === 0) return shared([source], slices, read);
  try {
    return await shared(clients, slices, (client, slice) =>
      inSharedSnapshot(client, snapshot, { schema, table: slice.table }, () => read(client, slice)),
    );
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

/** As many connections as the source grants. */
async function connect({ target, connections }: Readers): Promise<Client[]> {
  const clients: Client[] = [];
  try {
    while (clients.length < connections) clients.push(await connectPostgres(target));
  } catch (error) {
    if (error instanceof SourceUnavailable) return clients;
    await Promise.all(clients.map((client) => client.end()));
    throw error;
  }
  return clients;
}
