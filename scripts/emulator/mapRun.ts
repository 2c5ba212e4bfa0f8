import {
  DescribeMapRunCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
} from '@aws-sdk/client-sfn';
import type { Cloud } from './cloud.ts';
import { executions } from './stateMachine.ts';

/** What became of the items of a Distributed Map. */
export interface MapRun {
  readonly slices: number;
  /** Those that no attempt did. */
  readonly failed: number;
  /** The name of each attempt's error. */
  readonly errors: readonly string[];
}

/**
 * Reads what a Distributed Map did in the newest run.
 *
 * @param label of the Map
 * @throws Error where that run had none
 */
export async function lastMapRun(cloud: Cloud, stateMachineArn: string, label: string): Promise<MapRun> {
  const { states } = cloud;
  const [newest] = await executions(cloud, stateMachineArn);
  const { mapRuns } = await states.send(new ListMapRunsCommand({ executionArn: newest!.arn }));
  const mapRunArn = mapRuns!.find((each) => each.mapRunArn!.includes(`/${label}:`))?.mapRunArn;
  if (mapRunArn === undefined) throw new Error(`run ${newest!.name} has no Map Run ${label}`);
  const { itemCounts } = await states.send(new DescribeMapRunCommand({ mapRunArn }));
  const items = await states.send(new ListExecutionsCommand({ mapRunArn, maxResults: 1000 }));
  const histories = await Promise.all(
    items.executions!.map(({ executionArn }) => states.send(new GetExecutionHistoryCommand({ executionArn }))),
  );
  const errors = histories.flatMap(({ events }) =>
    events!.flatMap(({ taskFailedEventDetails }) => taskFailedEventDetails?.error ?? []),
  );
  return { slices: itemCounts!.total!, failed: itemCounts!.failed!, errors };
}
