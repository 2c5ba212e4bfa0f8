import { messageOf } from './errors.ts';
import { isNetworkFault } from './networkFault.ts';

/** What AWS services name a request that came too often or took too long; the SDK has then tried several times. */
const passingNames =
  /^(SlowDown|RequestLimitExceeded|RequestThrottled.*|Throttl.*|TooManyRequestsException|TimeoutError|RequestTimeout.*|InternalError|InternalServiceError|ServiceUnavailable)$/;

/** Whether trying again later may help after an error of the AWS SDK. */
export function isPassingAwsFault(error: unknown): boolean {
  return isNetworkFault(error) || passingNames.test(nameOf(error)) || statusOf(error) >= 500;
}

/** What a service calls its error, as `NoSuchKey`; empty for an error without a name of its own. */
export function nameOf(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  return name === 'Error' ? '' : name;
}

/** What to do, where the text of an error does not say it. */
const advice: Readonly<Record<string, string>> = {
  CredentialsProviderError: 'sign in to AWS, or name a profile in AWS_PROFILE',
  ExpiredToken: 'sign in to AWS again',
  ExpiredTokenException: 'sign in to AWS again',
};

/** Name, text and advice of an error, on one line; of an answer without a body, as to HEAD, its status. */
export const describeAwsError = (error: unknown): string =>
  nameOf(error) === 'Unknown'
    ? `HTTP ${statusOf(error)}`
    : [nameOf(error), messageOf(error), advice[nameOf(error)] ?? '']
        .filter((part) => part !== '')
        .join(': ')
        .replace(/\s+/g, ' ');

/** The HTTP status that a service's error came with; 0 where no answer came. */
function statusOf(error: unknown): number {
  const { $metadata } = (error instanceof Error ? error : {}) as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode ?? 0;
}
