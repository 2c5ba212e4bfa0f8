import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An execution as Step Functions keeps it; times in milliseconds since 1970. */
export interface FakeExecution {
  readonly name: string;
  status: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly output?: object;
  readonly error?: string;
  readonly cause?: string;
}

export interface FakeLogEvent {
  readonly at: number;
  readonly text: string;
}

type Body = Readonly<Record<string, unknown>>;

/** An error as a service answers it. */
export class AwsError extends Error {
  readonly code: string;

  constructor(code: string, message = `${code}, says the test`) {
    super(message);
    this.code = code;
  }
}

/** Step Functions' times are in seconds. */
const seconds = (millis: number | undefined): number | undefined => (millis === undefined ? undefined : millis / 1000);
const region = 'eu-west-2';
const account = '123456789012';

/**
 * As much of Step Functions, Lambda, CloudWatch and its logs as the command line uses, over their JSON protocols on the
 * loopback interface. It drives the real AWS clients.
 */
export class FakeAws {
  /** The newest first. */
  executions: FakeExecution[] = [];
  /** By the name of an execution, as the service writes them. */
  readonly history = new Map<string, Body[]>();
  /** Of the slices of an execution, by its name and the label of the Distributed Map: `<name>/slices`. */
  readonly slices = new Map<string, { succeeded: number; total: number }>();
  alarms: Body[] = [];
  readonly logs = new Map<string, FakeLogEvent[]>();
  /** What each function answers to its payload; throws what it fails with. */
  readonly functions = new Map<string, (payload: Body) => unknown>();
  readonly secrets = new Map<string, string>();
  /** Every request, as `Operation {…}`. */
  readonly requests: string[] = [];
  /** Called before each request is served; throws an AwsError to refuse it. */
  before: (operation: string) => void = () => undefined;
  /** Called when an execution is started. */
  onStart: (execution: FakeExecution) => void = () => undefined;
  pageSize = 2;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  readonly stateMachine = `arn:aws:states:${region}:${account}:stateMachine:shop`;

  /** Starts it, and tells the clients of this process where it is. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    const services = ['SFN', 'LAMBDA', 'CLOUDWATCH', 'CLOUDWATCH_LOGS', 'SECRETS_MANAGER'];
    for (const service of services) process.env[`AWS_ENDPOINT_URL_${service}`] = url;
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_MAX_ATTEMPTS: '1' });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  arnOf = (name: string): string => `arn:aws:states:${region}:${account}:execution:shop:${name}`;

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = Buffer.concat((await request.toArray()) as Buffer[]).toString();
    const invoked = /\/functions\/([^/]+)\/invocations/.exec(request.url!)?.[1];
    const operation = invoked === undefined ? String(request.headers['x-amz-target']).split('.').at(-1)! : 'Invoke';
    this.requests.push(`${operation} ${text}`);
    const headers: Record<string, string> = { 'content-type': 'application/x-amz-json-1.1' };
    try {
      this.before(operation);
      const input = (text === '' ? {} : JSON.parse(text)) as Body;
      const [answer, more] = invoked === undefined ? [this.#serve(operation, input), {}] : this.#invoke(invoked, input);
      response.writeHead(200, { ...headers, ...more }).end(JSON.stringify(answer));
    } catch (error) {
      const { code, message } = error instanceof AwsError ? error : new AwsError('InternalFailure', String(error));
      headers['x-amzn-errortype'] = code;
      response.writeHead(code === 'InternalFailure' ? 500 : 400, headers);
      response.end(JSON.stringify({ __type: code, message }));
    }
  }

  #invoke(name: string, payload: Body): [unknown, Record<string, string>] {
    const work = this.functions.get(name);
    if (work === undefined) throw new AwsError('ResourceNotFoundException', `Function not found: ${name}`);
    try {
      return [work(payload), {}];
    } catch (error) {
      const { name: errorType, message: errorMessage } = error as Error;
      return [{ errorType, errorMessage, trace: [] }, { 'x-amz-function-error': 'Unhandled' }];
    }
  }

  #serve(operation: string, input: Body): object {
    const named = (arn: unknown): FakeExecution => {
      const found = this.executions.find(({ name }) => this.arnOf(name) === arn);
      if (found === undefined) throw new AwsError('ExecutionDoesNotExist');
      return found;
    };
    switch (operation) {
      case 'ListExecutions': {
        const { items, nextToken } = this.#page(this.executions, input);
        return { executions: items.map((each) => this.#described(each)), nextToken };
      }
      case 'DescribeExecution': {
        const execution = named(input.executionArn);
        const { output, error, cause } = execution;
        return { ...this.#described(execution), output: output && JSON.stringify(output), error, cause };
      }
      case 'GetExecutionHistory': {
        const { items, nextToken } = this.#page(this.history.get(named(input.executionArn).name) ?? [], input);
        return { events: items, nextToken };
      }
      case 'ListMapRuns': {
        const { name } = named(input.executionArn);
        const labels = [...this.slices.keys()].filter((key) => key.startsWith(`${name}/`));
        return { mapRuns: labels.map((key, at) => ({ mapRunArn: `mapRun:${key}:${at}`, startDate: at })) };
      }
      case 'DescribeMapRun':
        return { itemCounts: this.slices.get(String(input.mapRunArn).split(':')[1]!) };
      case 'StartExecution': {
        const execution = { name: String(input.name), status: 'RUNNING', startedAt: Date.now() };
        this.executions.unshift(execution);
        this.onStart(execution);
        return { executionArn: this.arnOf(execution.name), startDate: execution.startedAt / 1000 };
      }
      case 'DescribeAlarms': {
        const wanted = this.alarms.filter(
          ({ AlarmName, StateValue }) =>
            String(AlarmName).startsWith(String(input.AlarmNamePrefix)) && StateValue === input.StateValue,
        );
        const { items, nextToken } = this.#page(wanted, { nextToken: input.NextToken });
        return { MetricAlarms: items, NextToken: nextToken };
      }
      case 'FilterLogEvents': {
        const group = String(input.logGroupName);
        const all = this.logs.get(group);
        if (all === undefined)
          throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
        const since = Number(input.startTime ?? 0);
        const events = all
          .map(({ at, text }, i) => ({ eventId: `${group}-${i}`, timestamp: at, message: text }))
          .filter(({ timestamp, message }) => timestamp >= since && matches(input.filterPattern, message));
        const { items, nextToken } = this.#page(events, input);
        return { events: items, nextToken };
      }
      case 'GetSecretValue': {
        const SecretString = this.secrets.get(String(input.SecretId));
        if (SecretString === undefined) throw new AwsError('ResourceNotFoundException');
        return { SecretString };
      }
      default:
        throw new AwsError('UnknownOperationException', operation);
    }
  }

  #described({ name, status, startedAt, endedAt }: FakeExecution): object {
    const times = { startDate: seconds(startedAt), stopDate: seconds(endedAt) };
    return { executionArn: this.arnOf(name), stateMachineArn: this.stateMachine, name, status, ...times };
  }

  #page<T>(all: readonly T[], { nextToken }: { nextToken?: unknown }): { items: T[]; nextToken: string | undefined } {
    const start = Number(nextToken ?? 0);
    const end = start + this.pageSize;
    return { items: all.slice(start, end), nextToken: end < all.length ? String(end) : undefined };
  }
}

/** Of CloudWatch's filter patterns what is used here: a quoted text, or any of some words. */
function matches(pattern: unknown, message: string): boolean {
  if (typeof pattern !== 'string') return true;
  if (pattern.startsWith('"')) return message.includes(JSON.parse(pattern) as string);
  return pattern.split(' ').some((word) => message.includes(word.replace(/^\?/, '')));
}
