/**
 * Whether this process is a function's, which may be called again: clients and connections are worth keeping then. Lambda
 * sets this variable for the runtime that it starts
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html).
 */
export const outlivesCall = (): boolean => process.env.AWS_LAMBDA_RUNTIME_API !== undefined;

/** What `make` makes: the same each time where the process outlives the call, a new one each time elsewhere. */
export function keptBetweenCalls<T>(make: () => T): () => T {
  let kept: T | undefined;
  return () => {
    const made = kept ?? make();
    if (outlivesCall()) kept = made;
    return made;
  };
}
