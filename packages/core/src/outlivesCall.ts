/**
 * Whether this process is a function's, which may be called again: clients and connections are worth keeping then. Lambda
 * sets this variable for the runtime that it starts
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html).
 */
export const outlivesCall = (): boolean => process.env.AWS_LAMBDA_RUNTIME_API !== undefined;
