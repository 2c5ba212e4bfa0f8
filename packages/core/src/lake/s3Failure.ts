import { describeAwsError, isPassingAwsFault, nameOf } from '../awsFault.ts';
import { LakeRefused, LakeUnavailable, messageOf, TotesError } from '../errors.ts';

/**
 * The typed error for a failed request to S3: one line with the bucket, the key and the reason.
 *
 * @param doing where and what, as `s3://bucket/key cannot be read`
 */
export function s3Failure(doing: string, error: unknown): TotesError {
  if (error instanceof TotesError) return error;
  const Failure = isPassingAwsFault(error) || isConflict(error) || isDamaged(error) ? LakeUnavailable : LakeRefused;
  const hint = nameOf(error) === 'AccessDenied' ? maybeMissing : '';
  return new Failure(`${doing}: ${describeAwsError(error)}${hint}`, { cause: error });
}

/**
 * The stages may list the log alone, so S3 does not tell them of a missing object that it is missing.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
const maybeMissing = '; S3 says so too where the object is missing and the role may not list it';

/** Another conditional write of the same key was under way. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export const isConflict = (error: unknown): boolean => nameOf(error) === 'ConditionalRequestConflict';

/** The SDK compared the bytes with the object's checksum as they arrived. */
const isDamaged = (error: unknown): boolean => messageOf(error).startsWith('Checksum mismatch');
