import type * as Sdk from '@aws-sdk/client-cloudwatch-logs';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { request, requestLimits, StackRefused } from './errors.ts';
import type { LoggedFunction, Stack } from './stack.ts';

/** What a function wrote at once: a line, or several. */
export interface LogEvent {
  readonly id: string;
  readonly stage: LoggedFunction;
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly text: string;
}

/** The logs of a stack's functions. */
export class LogEvents {
  readonly #sdk: typeof Sdk;
  readonly #client: CloudWatchLogsClient;
  readonly #groups: Stack['logGroups'];

  private constructor(sdk: typeof Sdk, { region, logGroups }: Stack) {
    this.#sdk = sdk;
    this.#client = new sdk.CloudWatchLogsClient({
      region,
      ...requestLimits(),
    });
    this.#groups = logGroups;
  }

  static async of(stack: Stack): Promise<LogEvents> {
    return new LogEvents(await import('@aws-sdk/client-cloudwatch-logs'), stack);
  }

  /**
   * What some functions wrote, by time.
   *
   * @param since in milliseconds since 1970
   * @param pattern CloudWatch's filter; all events where it is absent
   * @throws StackUnavailable, StackRefused
   */
  async read(stages: readonly LoggedFunction[], since: number, pattern?: string): Promise<LogEvent[]> {
    const all = await Promise.all(stages.map((stage) => this.#readOne(stage, since, pattern)));
    return all.flat().sort((a, b) => a.at - b.at);
  }

  async #readOne(stage: LoggedFunction, since: number, pattern: string | undefined): Promise<LogEvent[]> {
    const logGroupName = this.#groups[stage];
    if (logGroupName === undefined)
      throw new StackRefused(`the stack has no function ${stage}: its deployment asked for none`);
    const events: LogEvent[] = [];
    await request(`log group ${logGroupName} cannot be read`, async () => {
      const query = { logGroupName, startTime: since, ...(pattern !== undefined && { filterPattern: pattern }) };
      for await (const page of this.#sdk.paginateFilterLogEvents({ client: this.#client }, query)) {
        for (const { eventId = '', timestamp = 0, message = '' } of page.events ?? [])
          events.push({ id: eventId, stage, at: timestamp, text: message });
      }
    });
    return events;
  }
}
