import type { PlannedChange, Plan } from './terraform.ts';

/**
 * What the emulator cannot show, and why that is no fault of the pipeline. What it did wrong and could be put right is in
 * launch.py; everything else that a run claims, it has seen.
 */
export const allowances = [
  'MiniStack returns an alarm without most of what it was given, so a plan wants to set those again; `terraform test` checks the alarms.',
  'MiniStack evaluates no alarm and has no metrics of its own, so that alarms fire is not shown here; one is raised by hand, and what functions count is read from their logs.',
  'MiniStack does not hold the state machine and the schedules to their own roles; `terraform test` compares those with what they call.',
  'MiniStack lets a function write its log whatever its role says; `terraform test` checks that right.',
  'MiniStack gives each try of a failed call another request id, and its record of that call none; which call it was is read from the log.',
  "MiniStack sends what failed in a function to the topic, and calls the report after load, without asking the function's role; `terraform test` checks those rights.",
  'MiniStack has CloudFront without its edges, so the optional distribution of the report is checked by `terraform test`, and the signature of its links by a test of the command line.',
  'MiniStack reads the claims of a GitHub token, and not its signature.',
  "Functions run on this machine's processor, not on arm64; waits between retries are a tenth, without jitter, and Lambda's own retries come after seconds.",
  'MiniStack decrypts what lies in S3 and Secrets Manager without asking the role for the key; `terraform test` checks that right.',
  'MiniStack has no PostgreSQL of its own without containers: the optional network and RDS warehouse are checked by `terraform test` alone.',
  'MiniStack gives subscriptions by e-mail no mail to confirm; the alerts are read from a queue that subscribes to the topic.',
] as const;

/** What MiniStack does not return of an alarm. */
const alarmDrift = new Set([
  'actions_enabled',
  'alarm_actions',
  'alarm_description',
  'dimensions',
  'metric_query',
  'ok_actions',
  'period',
  'statistic',
  'treat_missing_data',
]);

/** The changes of a plan that no allowance covers, in words. */
export function unexpectedChanges(plan: Plan): string[] {
  const resources = changes(plan).filter((change) => !isAlarmDrift(change));
  const outputs = Object.entries(plan.output_changes ?? {}).filter(([, { actions }]) => actions.join() !== 'no-op');
  return [
    ...resources.map(
      ({ address, change }) => `${change.actions.join(' and ')} ${address} (${changedAttributes(change).join(', ')})`,
    ),
    ...outputs.map(([name, { actions }]) => `${actions.join(' and ')} output ${name}`),
  ];
}

/**
 * Checks that a plan finds nothing to do.
 *
 * @returns what an allowance covers
 * @throws Error with all other changes
 */
export function expectNoChanges(plan: Plan): string {
  const unexpected = unexpectedChanges(plan);
  if (unexpected.length > 0) throw new Error(unexpected.join('\n'));
  return `no change but to ${changes(plan).length} alarms, which the emulator does not return whole`;
}

const changes = (plan: Plan): PlannedChange[] =>
  (plan.resource_changes ?? []).filter(({ change }) => !['no-op', 'read'].includes(change.actions.join()));

const isAlarmDrift = ({ address, change }: PlannedChange): boolean =>
  address.startsWith('aws_cloudwatch_metric_alarm.') &&
  change.actions.join() === 'update' &&
  changedAttributes(change).every((name) => alarmDrift.has(name));

function changedAttributes({ before, after }: PlannedChange['change']): string[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names].filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]));
}
