import { join } from 'node:path';
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
import { DeleteLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { build } from 'esbuild';
import { zip } from '../bundle/zip.ts';
import type { Cloud } from './cloud.ts';
import { rightsOf, stages, type Right } from './rights.ts';
import type { Deployed } from './pipeline.ts';

/** What S3, Secrets Manager and the others answer to those who may not. */
const denial = /AccessDenied|AuthorizationError|NotAuthorized|Forbidden/;

/**
 * Tries what a stage may and may not do with each stage's role, from a function that runs with it.
 *
 * @returns how many requests were allowed and denied, as they should be
 * @throws Error with each one that was not
 */
export async function tryPrivileges(cloud: Cloud, stack: Deployed): Promise<string> {
  const rights = await rightsOf(cloud, stack);
  const code = await probeZip();
  const wrong: string[] = [];
  let [allowed, denied] = [0, 0];
  for (const stage of stages) {
    const outcomes = await probe(cloud, `probe-${stage}`, stack.role_arns[stage], code, rights);
    for (const [index, { what, allowed: who }] of rights.entries()) {
      const [outcome, may] = [outcomes[index]!, who.includes(stage)];
      if (denial.test(outcome) === may) wrong.push(`${stage} ${may ? 'must' : 'must not'} ${what}: ${outcome}`);
      else if (may) allowed++;
      else denied++;
    }
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return `${rights.length} requests by 3 roles, ${allowed} allowed and ${denied} denied, each as it should be`;
}

/**
 * Makes the same requests with all rights: what the stages were denied would have worked, so it was their rights that
 * stopped them. Destroys the lake.
 *
 * @returns how many requests worked, and how many the buckets deny to everybody
 * @throws Error with each one that answered otherwise
 */
export async function tryWithAllRights(cloud: Cloud, stack: Deployed): Promise<string> {
  const rights = (await rightsOf(cloud, stack)).filter(({ control }) => control !== 'left out');
  const role = await makeAdministrator(cloud);
  const outcomes = await probe(cloud, 'probe-administrator', role.arn, await probeZip(), rights);
  await role.remove();
  const wrong = rights.flatMap(({ what, control }, index) =>
    denial.test(outcomes[index]!) === (control === 'denied') ? [] : `${what}: ${outcomes[index]}, not ${control}`,
  );
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  const denied = rights.filter(({ control }) => control === 'denied').length;
  return `${rights.length - denied} requests worked; ${denied} that would replace an object are denied to everybody`;
}

async function makeAdministrator({ iam }: Cloud): Promise<{ arn: string; remove(): Promise<void> }> {
  const name = 'probe-administrator';
  const document = (statement: object): string =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
  const trust = document({ Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }));
  const policy = { RoleName: name, PolicyName: 'everything' };
  await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: document({ Action: '*', Resource: '*' }) }));
  return {
    arn: Role!.Arn!,
    async remove() {
      await iam.send(new DeleteRolePolicyCommand(policy));
      await iam.send(new DeleteRoleCommand({ RoleName: name }));
    },
  };
}

/** Runs the probe as a function with this role. */
async function probe(
  { functions, logs }: Cloud,
  name: string,
  role: string,
  code: Uint8Array,
  rights: readonly Right[],
): Promise<string[]> {
  await functions.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Role: role,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Timeout: 300,
      Code: { ZipFile: code },
    }),
  );
  try {
    await waitUntilFunctionActiveV2({ client: functions, maxWaitTime: 60 }, { FunctionName: name });
    const payload = JSON.stringify(rights.map(({ request }) => request));
    const { FunctionError, Payload } = await functions.send(
      new InvokeCommand({ FunctionName: name, Payload: payload }),
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
    for (const { logGroupName } of logGroups)
      await logs.send(new DeleteLogGroupCommand({ logGroupName: logGroupName! }));
  }
}

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
