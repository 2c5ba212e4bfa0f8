import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  type HistoryEvent,
} from '@aws-sdk/client-sfn';
import type { Cloud } from './cloud.ts';
import { until } from './until.ts';

export interface Execution {
  readonly arn: string;
  readonly name: string;
}

/** A run that has ended. */
export interface Ended extends Execution {
  readonly status: string;
  /** The states that it went through, in order. */
  readonly states: readonly string[];
  /** The names of the errors of its tasks, in order. */
  readonly errors: readonly string[];
  readonly output: string;
}

/** Starts a run as the schedule does: with an empty input. */
export async function start({ states }: Cloud, stateMachineArn: string): Promise<Execution> {
  const { executionArn } = await states.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
  return { arn: executionArn!, name: executionArn!.split(':').at(-1)! };
}

/** Waits until a run has ended, well or not. */
export async function ended(cloud: Cloud, { arn, name }: Execution): Promise<Ended> {
  const execution = await until(`the run ${name} ends`, 300, async () => {
    const found = await cloud.states.send(new DescribeExecutionCommand({ executionArn: arn }));
    return found.status === 'RUNNING' ? undefined : found;
  });
  const events = await history(cloud, arn);
  return {
    arn,
    name,
    status: execution.status!,
    states: events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []),
    errors: taskErrors(events),
    output: execution.output ?? '',
  };
}

/** Starts a run and waits until it has ended. */
export const runToEnd = async (cloud: Cloud, stateMachineArn: string): Promise<Ended> =>
  ended(cloud, await start(cloud, stateMachineArn));

/** Starts a run that has to succeed. */
export async function succeed(cloud: Cloud, stateMachineArn: string): Promise<Ended> {
  const execution = await runToEnd(cloud, stateMachineArn);
  if (execution.status !== 'SUCCEEDED') throw new Error(JSON.stringify(execution));
  return execution;
}

/** Waits until a task of a run has failed with an error of this name. */
export const failing = (cloud: Cloud, { arn, name }: Execution, error: string): Promise<true> =>
  until(`a task of the run ${name} fails with ${error}`, 60, async () =>
    taskErrors(await history(cloud, arn)).includes(error) ? true : undefined,
  );

/** Waits for a run that nobody has started by hand. */
export async function nextRun(cloud: Cloud, stateMachineArn: string, seconds: number): Promise<Ended> {
  const known = new Set((await executions(cloud, stateMachineArn)).map(({ arn }) => arn));
  const started = await until('another run starts', seconds, async () =>
    (await executions(cloud, stateMachineArn)).find(({ arn }) => !known.has(arn)),
  );
  return ended(cloud, started);
}

/** The runs that have been started so far. */
export async function executions({ states }: Cloud, stateMachineArn: string): Promise<Execution[]> {
  const { executions } = await states.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1000 }));
  return executions!.map(({ executionArn, name }) => ({ arn: executionArn!, name: name! }));
}

/** Everything that the service keeps of a run, as text. */
export const historyText = async (cloud: Cloud, { arn }: Execution): Promise<string> =>
  JSON.stringify(await history(cloud, arn));

async function history({ states }: Cloud, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await states.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }));
    events.push(...page.events!);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}

const taskErrors = (events: readonly HistoryEvent[]): string[] =>
  events.flatMap(({ taskFailedEventDetails, lambdaFunctionFailedEventDetails }) => {
    const { error } = taskFailedEventDetails ?? lambdaFunctionFailedEventDetails ?? {};
    return error ?? [];
  });
