import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Cloud } from './cloud.ts';

/** All lines of a log group, in the order in which CloudWatch gives them. */
export async function logLines({ logs }: Cloud, logGroupName: string): Promise<string[]> {
  const lines: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await logs.send(new FilterLogEventsCommand({ logGroupName, nextToken }));
    lines.push(...page.events!.flatMap(({ message }) => message!.split('\n')));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return lines;
}
