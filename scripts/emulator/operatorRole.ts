import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { Cloud } from './cloud.ts';
import type { Credentials } from './github.ts';
import type { Stack } from './pipeline.ts';

/** A role that operates a stack and may do nothing beyond. */
export interface OperatorRole {
  readonly credentials: Credentials;
  remove(): Promise<void>;
}

/** Makes it, with the policy of Terraform's outputs, and one for Terraform's state, which names these outputs. */
export async function makeOperatorRole({ iam, sts }: Cloud, stack: Stack): Promise<OperatorRole> {
  const RoleName = 'operator';
  const account = stack.topic_arn.split(':')[4]!;
  const allow = (...statements: object[]): string =>
    JSON.stringify({ Version: '2012-10-17', Statement: statements.map((each) => ({ Effect: 'Allow', ...each })) });
  const trust = allow({ Action: 'sts:AssumeRole', Principal: { AWS: `arn:aws:iam::${account}:root` } });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  const state = `arn:aws:s3:::${stack.state_bucket}`;
  const policies = {
    operate: stack.operator_policy,
    'read-state': allow(
      { Action: 's3:ListBucket', Resource: state },
      { Action: 's3:GetObject', Resource: `${state}/warehouse.tfstate` },
    ),
  };
  for (const [PolicyName, PolicyDocument] of Object.entries(policies)) {
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  }
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: Role!.Arn!, RoleSessionName: 'e2e' }));
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  return {
    credentials: { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! },
    async remove() {
      for (const PolicyName of Object.keys(policies)) {
        await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
      }
      await iam.send(new DeleteRoleCommand({ RoleName }));
    },
  };
}
