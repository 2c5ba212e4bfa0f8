import { LakeRefused, LakeUnavailable, messageOf, TotesError } from '../errors.ts';
import { codeOf } from '../networkFault.ts';

/** What to do about the faults that people meet. */
const advice: Readonly<Record<string, string>> = {
  EACCES: 'give this user the right to it, or choose another folder',
  EPERM: 'give this user the right to it, or choose another folder with hard links',
  EROFS: 'choose a folder that can be written',
  ENOSPC: 'free some space, or choose another folder',
  EDQUOT: 'free some space, or choose another folder',
  ENOTDIR: 'a file stands where a folder should be',
  EEXIST: 'a file stands where a folder should be',
  ENOTSUP: 'the lake needs a file system with hard links',
  EXDEV: 'the whole lake must be on one file system',
};

/** Faults of a disk or of a network file system that may pass. */
const passing = new Set(['EAGAIN', 'EBUSY', 'EIO', 'EMFILE', 'ENFILE', 'ESTALE', 'ETIMEDOUT']);

/**
 * The typed error for a failed call of the file system: one line with the path and the reason.
 *
 * @param doing what could not be done, as `cannot be written`
 */
export function folderFailure(uri: string, doing: string, error: unknown): TotesError {
  if (error instanceof TotesError) return error;
  const code = codeOf(error) ?? '';
  const more = advice[code];
  // Node's message holds the code, the reason, the call and the path.
  const message = `lake ${uri} ${doing}: ${messageOf(error)}${more === undefined ? '' : `: ${more}`}`;
  return passing.has(code)
    ? new LakeUnavailable(message, { cause: error })
    : new LakeRefused(message, { cause: error });
}
