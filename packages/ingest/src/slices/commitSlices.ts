import { CommitConflict, type RawBucket } from '@totes/core';
import { summary, type IngestResult } from '../ingest.ts';
import { nextManifest } from '../nextManifest.ts';
import { gather } from './gather.ts';
import type { SliceFolder } from './sliceFolder.ts';

/**
 * Commits what the slices of a look brought as the next version, and ends the look. May be repeated.
 *
 * @throws CommitConflict where another run committed since the look was planned; LakeCorrupt where a slice was not read;
 *   LakeUnavailable, LakeRefused, SnapshotLost
 */
export async function commitSlices(
  raw: RawBucket,
  folder: SliceFolder,
  codeVersion: string,
  now: Date,
): Promise<IngestResult> {
  const { runId, head, format, look: open } = await folder.readPlan();
  const look = gather(open, format, await folder.allRead());
  const previous = head === 0 ? undefined : await raw.log.read(head);
  const manifest = nextManifest(previous, look, format, { runId, codeVersion, at: now });
  if (manifest !== undefined && !(await raw.log.commit(manifest))) {
    throw new CommitConflict(`${raw.store.uri}: another run committed version ${manifest.version} first: run again`);
  }
  await folder.end();
  const version = manifest?.version ?? head;
  return { version, committed: manifest !== undefined, ...summary(look, head === 0) };
}
