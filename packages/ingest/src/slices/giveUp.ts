import type { Failure, SliceFolder } from './sliceFolder.ts';

/** What a Distributed Map says where one of its items failed, whatever the reason: it names none. */
const ofMap = /^States[.](ExceedToleratedFailureThreshold|ItemReaderFailed)$/;

/**
 * Ends a look of which nothing is committed.
 *
 * @param failure as the state machine met it
 * @returns the failure of a slice, where it is that which the state machine met
 */
export async function giveUp(folder: SliceFolder, failure: Failure): Promise<Failure> {
  await folder.end();
  if (!ofMap.test(failure.Error)) return failure;
  const failures = await folder.failures();
  // Once the snapshot is gone all slices say so, and what came before says why.
  return failures.find(({ Error }) => Error !== 'SnapshotLost') ?? failures[0] ?? failure;
}
