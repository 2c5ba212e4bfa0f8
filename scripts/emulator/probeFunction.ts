import { join } from 'node:path';
import { DeleteLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  InvokeCommand,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import { build } from 'esbuild';
import { zip } from '../bundle/zip.ts';
import type { Cloud } from './cloud.ts';
import type { Request } from './probe.ts';

/**
 * Makes requests from a function that has this role, and lasts no longer.
 *
 * @returns of each, "allowed" or the name of its error
 */
export async function probe(
  { functions, logs }: Cloud,
  name: string,
  role: string,
  requests: readonly Request[],
): Promise<string[]> {
  await functions.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Role: role,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Timeout: 300,
      Code: { ZipFile: await (zipped ??= probeZip()) },
    }),
  );
  try {
    await waitUntilFunctionActiveV2({ client: functions, maxWaitTime: 60 }, { FunctionName: name });
    const { FunctionError, Payload } = await functions.send(
      new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(requests) }),
    );
    const answer = Buffer.from(Payload!).toString('utf8');
    if (FunctionError !== undefined) throw new Error(`the probe ${name} failed: ${answer}`);
    return JSON.parse(answer) as string[];
  } finally {
    await functions.send(new DeleteFunctionCommand({ FunctionName: name }));
    // The stages' roles may make no log group; an emulator makes it all the same.
    const { logGroups = [] } = await logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: `/aws/lambda/${name}` }),
    );
    for (const { logGroupName } of logGroups) {
      await logs.send(new DeleteLogGroupCommand({ logGroupName: logGroupName! }));
    }
  }
}

/** Works with a role that may do everything, and lasts no longer. */
export async function asAdministrator<T>({ iam }: Cloud, work: (role: string) => Promise<T>): Promise<T> {
  const name = 'probe-administrator';
  const document = (statement: object): string =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
  const trust = document({ Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }));
  const policy = { RoleName: name, PolicyName: 'everything' };
  await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: document({ Action: '*', Resource: '*' }) }));
  try {
    return await work(Role!.Arn!);
  } finally {
    await iam.send(new DeleteRolePolicyCommand(policy));
    await iam.send(new DeleteRoleCommand({ RoleName: name }));
  }
}

/** Of the code of all probes. */
let zipped: Promise<Uint8Array> | undefined;

async function probeZip(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'probe.ts')],
    outfile: 'index.js',
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node22',
    minify: true,
  });
  return zip({ 'index.js': outputFiles[0]!.contents });
}
