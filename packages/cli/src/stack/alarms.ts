import { request, requestLimits } from './errors.ts';
import type { Stack } from './stack.ts';

/** An alarm that is firing. */
export interface FiringAlarm {
  readonly name: string;
  /** Its name without the stack's: `rows-waiting`. */
  readonly key: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** What it means and what to do, as Terraform wrote it. */
  readonly description: string;
}

/** The alarms of a stack that are firing, by name. Throws StackUnavailable, StackRefused. */
export async function firingAlarms({ name, region, alarms }: Stack): Promise<FiringAlarm[]> {
  const { CloudWatchClient, paginateDescribeAlarms } = await import('@aws-sdk/client-cloudwatch');
  const client = new CloudWatchClient({
    region,
    ...requestLimits(),
  });
  const prefix = `${name}-`;
  const firing: FiringAlarm[] = [];
  await request(`alarms ${prefix}… cannot be read`, async () => {
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms(
      { client },
      { AlarmNamePrefix: prefix, StateValue: 'ALARM' },
    )) {
      // What has the prefix may be of another stack, whose name begins with this one's.
      for (const alarm of MetricAlarms.filter(({ AlarmName }) => alarms.includes(AlarmName!))) {
        firing.push({
          name: alarm.AlarmName!,
          key: alarm.AlarmName!.slice(prefix.length),
          since: (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.toISOString() ?? '',
          description: alarm.AlarmDescription ?? '',
        });
      }
    }
  });
  return firing.sort((a, b) => (a.name < b.name ? -1 : 1));
}
