import { RemoteFailure, request, requestLimits } from './errors.ts';
import type { FunctionName, Stack } from './stack.ts';

/** As long as a function may run, in milliseconds, and some time for the answer. */
const longestCall = 930_000;

/**
 * Calls a function of a stack and gives its result.
 *
 * @param event what to do, and as `run` the name that its log and manifests bear
 * @throws RemoteFailure with the function's own error; StackUnavailable, StackRefused
 */
export async function invoke<Result>(
  { region, functions }: Stack,
  name: FunctionName,
  event: { readonly run: string; readonly [choice: string]: unknown },
  signal?: AbortSignal,
): Promise<Result> {
  const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient({
    region,
    // A call whose answer was lost may still be at work: whoever asked decides whether to ask again.
    maxAttempts: 1,
    ...requestLimits(longestCall),
  });
  const FunctionName = functions[name];
  const { FunctionError, Payload } = await request(`function ${FunctionName} cannot be called`, () =>
    client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }), {
      ...(signal && { abortSignal: signal }),
    }),
  );
  client.destroy();
  const answer = JSON.parse(Payload?.transformToString() ?? 'null') as unknown;
  if (FunctionError === undefined) return answer as Result;
  const { errorType = 'Unexpected', errorMessage = 'no reason was given' } = answer as Record<string, string>;
  throw new RemoteFailure(errorType, `${name} failed with ${errorType}: ${errorMessage}`);
}
