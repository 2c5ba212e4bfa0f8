import { GetExecutionHistoryCommand, ListExecutionsCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import type { Cloud } from './cloud.ts';
import { until } from './until.ts';

export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly status: string;
}

/** Waits for a run that nobody has started by hand, and for its end. */
export async function nextRun(cloud: Cloud, stateMachineArn: string, seconds: number): Promise<Execution> {
  const known = new Set((await executions(cloud, stateMachineArn)).map(({ arn }) => arn));
  return until('another run starts and ends', seconds, async () =>
    (await executions(cloud, stateMachineArn)).find(({ arn, status }) => !known.has(arn) && status !== 'RUNNING'),
  );
}

/** The runs that have been started so far. */
export async function executions({ states }: Cloud, stateMachineArn: string): Promise<Execution[]> {
  const { executions } = await states.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1000 }));
  return executions!.map(({ executionArn, name, status }) => ({ arn: executionArn!, name: name!, status: status! }));
}

/** Everything that the service keeps of a run, as text. */
export async function historyText({ states }: Cloud, { arn }: Execution): Promise<string> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await states.send(new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 1000, nextToken }));
    events.push(...page.events!);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return JSON.stringify(events);
}
