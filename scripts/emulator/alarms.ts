import { DeleteAlarmsCommand, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import type { Cloud } from './cloud.ts';

/**
 * Raises two alarms, as CloudWatch does.
 *
 * @param ours of the stack
 * @param other the name of one that is made for this
 * @returns what lowers the one and removes the other
 */
export async function raiseAlarms({ alarms }: Cloud, ours: string, other: string): Promise<() => Promise<void>> {
  const set = (AlarmName: string, StateValue: 'ALARM' | 'OK'): Promise<unknown> =>
    alarms.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'e2e' }));
  await alarms.send(
    new PutMetricAlarmCommand({
      AlarmName: other,
      ...{ Namespace: 'Totes', MetricName: 'Warnings', Statistic: 'Sum', Period: 300 },
      ...{ Threshold: 0, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' },
    }),
  );
  for (const name of [ours, other]) await set(name, 'ALARM');
  return async () => {
    await set(ours, 'OK');
    await alarms.send(new DeleteAlarmsCommand({ AlarmNames: [other] }));
  };
}
