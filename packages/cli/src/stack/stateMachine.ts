import type * as Sdk from '@aws-sdk/client-sfn';
import type { DescribeExecutionOutput, ExecutionListItem, HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import { ConfigInvalid } from '@totes/core';
import { shellWord } from '../shell.ts';
import { request, requestLimits } from './errors.ts';
import type { Stack } from './stack.ts';

/** The state machine of a stack. */
export class StateMachine {
  readonly #sdk: typeof Sdk;
  readonly #client: SFNClient;
  readonly #arn: string;

  private constructor(sdk: typeof Sdk, region: string, arn: string) {
    this.#sdk = sdk;
    this.#client = new sdk.SFNClient({
      region,
      ...requestLimits(),
    });
    this.#arn = arn;
  }

  /** Throws ConfigInvalid where the stack has none. */
  static async of({ name, place, region, stateMachine }: Stack): Promise<StateMachine> {
    if (stateMachine === undefined) {
      throw new ConfigInvalid(
        `stack ${name} has no state machine: its trigger is s3_events, so each commit calls the next stage; ` +
          `\`totes run --stack ${shellWord(place)} --watch\` calls them one after another`,
      );
    }
    return new StateMachine(await import('@aws-sdk/client-sfn'), region, stateMachine);
  }

  /** Its executions, the newest first; asked for page by page as they are used. */
  async *executions(): AsyncGenerator<ExecutionListItem> {
    let nextToken: string | undefined;
    do {
      const page = await this.#ask('its runs cannot be listed', () =>
        this.#client.send(
          new this.#sdk.ListExecutionsCommand({ stateMachineArn: this.#arn, maxResults: 100, nextToken }),
        ),
      );
      yield* page.executions ?? [];
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }

  describe(executionArn: string): Promise<DescribeExecutionOutput> {
    return this.#ask('a run cannot be read', () =>
      this.#client.send(new this.#sdk.DescribeExecutionCommand({ executionArn })),
    );
  }

  /** Starts an execution as the schedule does, and gives its ARN. */
  async start(name: string): Promise<string> {
    const { executionArn } = await this.#ask('no run can be started', () =>
      this.#client.send(new this.#sdk.StartExecutionCommand({ stateMachineArn: this.#arn, name, input: '{}' })),
    );
    return executionArn!;
  }

  /** What happened in an execution so far, the oldest first. */
  async history(executionArn: string): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.#ask('the history of a run cannot be read', () =>
        this.#client.send(new this.#sdk.GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken })),
      );
      events.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return events;
  }

  /**
   * How many slices an execution has done by now, and of how many; undefined before it has listed them.
   *
   * @param label of the Distributed Map, whose last Map Run counts
   */
  async slices(executionArn: string, label: string): Promise<{ done: number; of: number } | undefined> {
    return this.#ask('the slices of a run cannot be counted', async () => {
      const { mapRuns = [] } = await this.#client.send(new this.#sdk.ListMapRunsCommand({ executionArn }));
      const newest = mapRuns
        .filter(({ mapRunArn }) => mapRunArn!.includes(`/${label}:`))
        .reduce<(typeof mapRuns)[number] | undefined>(
          (last, each) => (last !== undefined && last.startDate! > each.startDate! ? last : each),
          undefined,
        );
      if (newest === undefined) return undefined;
      const describe = new this.#sdk.DescribeMapRunCommand({ mapRunArn: newest.mapRunArn! });
      const { itemCounts } = await this.#client.send(describe);
      return itemCounts && { done: itemCounts.succeeded!, of: itemCounts.total! };
    });
  }

  #ask<T>(problem: string, work: () => Promise<T>): Promise<T> {
    return request(`state machine ${this.#arn}: ${problem}`, work);
  }
}
