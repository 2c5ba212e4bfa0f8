import { DescribeAlarmsCommand, ListDashboardsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ListOpenIDConnectProvidersCommand, ListPoliciesCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { DescribeKeyCommand, ListAliasesCommand, ListKeysCommand } from '@aws-sdk/client-kms';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { ListScheduleGroupsCommand, ListSchedulesCommand } from '@aws-sdk/client-scheduler';
import { ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import { ListStateMachinesCommand } from '@aws-sdk/client-sfn';
import { ListTopicsCommand } from '@aws-sdk/client-sns';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import type { Cloud } from './cloud.ts';

/**
 * Everything that exists in the account of the kinds that the two configurations and this run make, as "kind name". A key
 * that waits for its deletion counts as gone; AWS lets none go at once.
 */
export async function inventory(cloud: Cloud): Promise<string[]> {
  const { Buckets = [] } = await cloud.s3.send(new ListBucketsCommand({}));
  const { Functions = [] } = await cloud.functions.send(new ListFunctionsCommand({}));
  const { logGroups = [] } = await cloud.logs.send(new DescribeLogGroupsCommand({}));
  const { stateMachines = [] } = await cloud.states.send(new ListStateMachinesCommand({}));
  const { Schedules = [] } = await cloud.schedules.send(new ListSchedulesCommand({}));
  const { ScheduleGroups = [] } = await cloud.schedules.send(new ListScheduleGroupsCommand({}));
  const { Topics = [] } = await cloud.topics.send(new ListTopicsCommand({}));
  const { QueueUrls = [] } = await cloud.queues.send(new ListQueuesCommand({}));
  const { MetricAlarms = [] } = await cloud.alarms.send(new DescribeAlarmsCommand({}));
  const { DashboardEntries = [] } = await cloud.alarms.send(new ListDashboardsCommand({}));
  const { SecretList = [] } = await cloud.secrets.send(new ListSecretsCommand({}));
  const { Roles = [] } = await cloud.iam.send(new ListRolesCommand({}));
  const { Policies = [] } = await cloud.iam.send(new ListPoliciesCommand({ Scope: 'Local' }));
  const { OpenIDConnectProviderList = [] } = await cloud.iam.send(new ListOpenIDConnectProvidersCommand({}));
  const { Aliases = [] } = await cloud.keys.send(new ListAliasesCommand({}));
  const named = {
    bucket: Buckets.map(({ Name }) => Name),
    function: Functions.map(({ FunctionName }) => FunctionName),
    'log group': logGroups.map(({ logGroupName }) => logGroupName),
    'state machine': stateMachines.map(({ name }) => name),
    schedule: Schedules.map(({ Name }) => Name),
    'group of schedules': ScheduleGroups.map(({ Name }) => Name).filter((name) => name !== 'default'),
    topic: Topics.map(({ TopicArn }) => TopicArn),
    queue: QueueUrls,
    alarm: MetricAlarms.map(({ AlarmName }) => AlarmName),
    dashboard: DashboardEntries.map(({ DashboardName }) => DashboardName),
    secret: SecretList.map(({ Name }) => Name),
    role: Roles.map(({ RoleName }) => RoleName),
    policy: Policies.map(({ PolicyName }) => PolicyName),
    'identity provider': OpenIDConnectProviderList.map(({ Arn }) => Arn),
    alias: Aliases.map(({ AliasName }) => AliasName).filter((name) => !name?.startsWith('alias/aws/')),
    key: await keysInUse(cloud),
  };
  return Object.entries(named).flatMap(([kind, names]) => names.map((name) => `${kind} ${name}`));
}

async function keysInUse({ keys }: Cloud): Promise<string[]> {
  const { Keys = [] } = await keys.send(new ListKeysCommand({}));
  const found = await Promise.all(Keys.map(({ KeyId }) => keys.send(new DescribeKeyCommand({ KeyId: KeyId! }))));
  return found
    .map(({ KeyMetadata }) => KeyMetadata!)
    .filter(({ KeyManager, KeyState }) => KeyManager === 'CUSTOMER' && KeyState !== 'PendingDeletion')
    .map(({ KeyId }) => KeyId!);
}
