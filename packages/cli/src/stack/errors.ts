import { describeAwsError, isPassingAwsFault, nameOf, TotesError } from '@totes/core';

/** A service of AWS did not answer, or answered with a passing fault. */
export class StackUnavailable extends TotesError {
  override readonly name = 'StackUnavailable';
  override readonly transient = true;
}

/** A service of AWS said no: no credentials, a missing right, nothing of that name. */
export class StackRefused extends TotesError {
  override readonly name = 'StackRefused';
  override readonly transient = false;
}

/** A run or a function in AWS failed; it bears the name of the error there. */
export class RemoteFailure extends TotesError {
  override readonly name: string;
  override readonly transient = false;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** What a client of AWS is given for its requests: how long to wait, in milliseconds, before one counts as unanswered. */
export const requestLimits = (requestTimeout = 30_000) => ({
  requestHandler: { connectionTimeout: 5_000, requestTimeout, throwOnRequestTimeout: true },
});

/**
 * Sends a request to AWS.
 *
 * @param doing what it is for, to begin the message: `runs of totes cannot be listed`
 * @throws StackUnavailable, StackRefused
 */
export async function request<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const Failure = isPassingAwsFault(error) ? StackUnavailable : StackRefused;
    const hint = isGone.test(nameOf(error)) ? '; are these the outputs of the stack as it is now?' : '';
    throw new Failure(`${doing}: ${describeAwsError(error)}${hint}`, { cause: error });
  }
}

/** A saved file of outputs outlives its stack. */
const isGone = /DoesNotExist|NotFound/;
