import { setTimeout } from 'node:timers/promises';
import { CommitConflict, LookTooLong, whereIs } from '@totes/core';
import { lookOptions, type IngestOptions } from '../ingest.ts';
import { inLook } from '../look.ts';
import { markReading } from './oneAtATime.ts';
import { exportSnapshot } from './sharedSnapshot.ts';
import type { SliceFolder } from './sliceFolder.ts';

/** A process that is gone without a word must not keep locks; one that is there asks something far more often. */
const mostIdle = '60s';

/** How long somebody waits for another process to be done. */
export interface Patience {
  /** Between two questions. */
  readonly pauseMillis: number;
  readonly mostMillis: number;
}

/** What became of a snapshot that was kept. */
export interface Held {
  /** The head of the raw log when it was taken. */
  readonly version: number;
  readonly slices: number;
}

/**
 * Plans the slices of a look and keeps its snapshot, and the tables as they are, until the look has ended.
 *
 * @throws LookTooLong; CommitConflict where another run does so; SnapshotLost where it was planned before; as `ingest` does. The look has ended then too.
 */
export async function hold(run: IngestOptions, folder: SliceFolder, patience: Patience): Promise<Held> {
  const began = performance.now();
  const { source, raw, runId, now } = run;
  const version = await raw.log.head();
  const previous = version === 0 ? undefined : await raw.log.read(version);
  const at = now();
  const options = lookOptions(run, runId, at);
  const { format } = run.options;
  try {
    return await inLook(options, previous, async (look) => {
      if (!(await markReading(source, raw.store.uri))) {
        throw new CommitConflict(`${raw.store.uri}: another run reads the source in slices already`);
      }
      const snapshot = await exportSnapshot(source, mostIdle);
      const { schema } = options;
      await folder.writePlan({ runId, head: version, at: at.toISOString(), schema, format, snapshot, look });
      await untilEnded(run, folder, patience, began);
      return { version, slices: look.slices.length };
    });
  } catch (error) {
    // Who waits for the plan need not wait longer. That this fails too changes nothing of the error.
    await folder.end().catch(() => undefined);
    throw error;
  }
}

async function untilEnded(
  { source }: IngestOptions,
  folder: SliceFolder,
  { pauseMillis, mostMillis }: Patience,
  began: number,
): Promise<void> {
  while ((await folder.state()) !== 'ended') {
    if (performance.now() - began > mostMillis) {
      throw new LookTooLong(
        `source ${whereIs(source)}: its slices were not read within ${Math.round(mostMillis / 1000)} seconds, for which ` +
          'one function can keep their snapshot: raise slice_connections, or read it once with `totes ingest`',
      );
    }
    // Shows that the connection is there, and keeps it from being taken for an idle one.
    await source.query('SELECT');
    await setTimeout(pauseMillis);
  }
}
