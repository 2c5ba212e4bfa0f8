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
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { build } from 'esbuild';
import { zip } from '../bundle/zip.ts';
import type { Cloud } from './cloud.ts';
import type { Request } from './probe.ts';
import type { Deployed } from './pipeline.ts';

const stages = ['ingest', 'transform', 'load'] as const;
type Stage = (typeof stages)[number];

/** A request and who may make it. */
interface Rule {
  readonly what: string;
  readonly allowed: readonly Stage[];
  readonly request: Request;
  /**
   * What the same request gets from somebody with all rights: `works`, unless even they are denied, or it would change
   * what Terraform is to remove at the end and is left out.
   */
  readonly control: 'works' | 'denied' | 'left out';
}

/** What S3, Secrets Manager and the others answer to those who may not. */
const denial = /AccessDenied|AuthorizationError|NotAuthorized|Forbidden/;

/**
 * Tries what a stage may and may not do with each stage's role, from a function that runs with it.
 *
 * @returns how many requests were allowed and denied, as they should be
 * @throws Error with each one that was not
 */
export async function tryPrivileges(cloud: Cloud, stack: Deployed): Promise<string> {
  const rules = await rulesOf(cloud, stack);
  const code = await probeZip();
  const wrong: string[] = [];
  let [allowed, denied] = [0, 0];
  for (const stage of stages) {
    const outcomes = await probe(cloud, `probe-${stage}`, stack.role_arns[stage], code, rules);
    for (const [index, { what, allowed: who }] of rules.entries()) {
      const [outcome, may] = [outcomes[index]!, who.includes(stage)];
      if (denial.test(outcome) === may) wrong.push(`${stage} ${may ? 'must' : 'must not'} ${what}: ${outcome}`);
      else if (may) allowed++;
      else denied++;
    }
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return `${rules.length} requests by 3 roles, ${allowed} allowed and ${denied} denied, each as it should be`;
}

/**
 * Makes the same requests with all rights: what the stages were denied would have worked, so it was their rights that
 * stopped them. Destroys the lake.
 *
 * @returns how many requests worked, and how many the buckets deny to everybody
 * @throws Error with each one that answered otherwise
 */
export async function tryWithAllRights(cloud: Cloud, stack: Deployed): Promise<string> {
  const rules = (await rulesOf(cloud, stack)).filter(({ control }) => control !== 'left out');
  const role = await makeAdministrator(cloud);
  const outcomes = await probe(cloud, 'probe-administrator', role.arn, await probeZip(), rules);
  await role.remove();
  const wrong = rules.flatMap(({ what, control }, index) =>
    denial.test(outcomes[index]!) === (control === 'denied') ? [] : `${what}: ${outcomes[index]}, not ${control}`,
  );
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  const denied = rules.filter(({ control }) => control === 'denied').length;
  return `${rules.length - denied} requests worked; ${denied} that would replace an object are denied to everybody`;
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

async function rulesOf(cloud: Cloud, stack: Deployed): Promise<Rule[]> {
  const [raw, processed, code] = [stack.ingestion_bucket, stack.processed_bucket, stack.code_bucket];
  const first = async (bucket: string, prefix: string): Promise<string> => {
    const { Contents } = await cloud.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }));
    const key = Contents?.[0]?.Key;
    if (key === undefined) throw new Error(`nothing in ${bucket}/${prefix} to try rights on`);
    return key;
  };
  // Nothing has been set aside in this run, and a stage's right to a folder does not ask what is in it.
  const quarantined = 'quarantine/probe';
  await cloud.s3.send(new PutObjectCommand({ Bucket: processed, Key: quarantined, Body: 'probe', IfNoneMatch: '*' }));
  const keys = {
    rawRows: await first(raw, 'raw/'),
    rawCommit: await first(raw, 'log/'),
    starRows: await first(processed, 'star/'),
    state: await first(processed, 'state/'),
    processedCommit: await first(processed, 'log/'),
  };
  const s3 = (command: string, bucket: string, input: Record<string, unknown>): Request => ({
    service: 's3',
    command,
    input: { Bucket: bucket, ...input },
  });
  const read = (bucket: string, key: string): Request => s3('GetObject', bucket, { Key: key });
  const list = (bucket: string, prefix: string): Request => s3('ListObjectsV2', bucket, { Prefix: prefix });
  // Where the object exists, the answer to a role that may write is that it is there already.
  const append = (bucket: string, key: string): Request => s3('PutObject', bucket, { Key: key, Body: 'new', IfNoneMatch: '*' });
  const overwrite = (bucket: string, key: string): Request => s3('PutObject', bucket, { Key: key, Body: 'gone' });
  const remove = (bucket: string, key: string): Request => s3('DeleteObject', bucket, { Key: key });
  const rule = (what: string, request: Request, ...allowed: Stage[]): Rule => ({
    what,
    request,
    allowed,
    control: 'works',
  });
  const leftOut = (what: string, request: Request): Rule => ({ ...rule(what, request), control: 'left out' });
  const [account, region] = [stack.topic_arn.split(':')[4]!, stack.topic_arn.split(':')[3]!];
  const other = (stage: Stage): Request => ({
    service: 'functions',
    command: 'Invoke',
    input: { FunctionName: stack.function_names[stage] },
  });

  return [
    rule('list the raw log', list(raw, 'log/'), 'ingest', 'transform'),
    rule('list raw rows', list(raw, 'raw/')),
    rule('list all of the ingestion bucket', list(raw, '')),
    rule('list the processed log', list(processed, 'log/'), 'transform', 'load'),
    rule('list star rows', list(processed, 'star/')),
    rule('list all of the processed bucket', list(processed, '')),
    rule('list the code', list(code, '')),

    rule('read a raw commit', read(raw, keys.rawCommit), 'ingest', 'transform'),
    rule('read raw rows', read(raw, keys.rawRows), 'ingest', 'transform'),
    rule('read a processed commit', read(processed, keys.processedCommit), 'transform', 'load'),
    rule('read state', read(processed, keys.state), 'transform'),
    rule('read star rows', read(processed, keys.starRows), 'load'),
    rule('read what is set aside', read(processed, quarantined)),
    rule('read its own code', read(code, 'ingest.zip')),

    rule('append to the raw log', append(raw, keys.rawCommit), 'ingest'),
    rule('append raw rows', append(raw, keys.rawRows), 'ingest'),
    rule('write elsewhere in the ingestion bucket', append(raw, 'elsewhere')),
    rule('append to the processed log', append(processed, keys.processedCommit), 'transform'),
    rule('append star rows', append(processed, keys.starRows), 'transform'),
    rule('append state', append(processed, keys.state), 'transform'),
    rule('set rows aside', append(processed, quarantined), 'transform'),
    rule('write elsewhere in the processed bucket', append(processed, 'elsewhere')),
    rule('write code', append(code, 'elsewhere.zip')),

    ...Object.entries(keys).flatMap(([name, key]) => {
      const bucket = name.startsWith('raw') ? raw : processed;
      return [
        { ...rule(`overwrite ${key}`, overwrite(bucket, key)), control: 'denied' } as const,
        rule(`delete ${key}`, remove(bucket, key)),
        rule(`list versions of ${key}`, s3('ListObjectVersions', bucket, { Prefix: key })),
      ];
    }),
    rule('switch versioning off', s3('PutBucketVersioning', raw, { VersioningConfiguration: { Status: 'Suspended' } })),
    rule('remove the bucket policy', s3('DeleteBucketPolicy', raw, {})),
    rule('remove the lifecycle rules', s3('DeleteBucketLifecycle', processed, {})),
    rule('list all buckets', { service: 's3', command: 'ListBuckets', input: {} }),
    rule('read the state of Terraform', read(stack.state_bucket, 'warehouse.tfstate')),

    rule("read the source's password", secret('GetSecretValue', stack.secret_arns.source), 'ingest'),
    rule("read the warehouse's password", secret('GetSecretValue', stack.secret_arns.warehouse), 'load'),
    rule("describe the source's secret", secret('DescribeSecret', stack.secret_arns.source)),
    rule("change the source's password", secret('PutSecretValue', stack.secret_arns.source, { SecretString: 'gone' })),
    rule(
      "change the warehouse's password",
      secret('PutSecretValue', stack.secret_arns.warehouse, { SecretString: 'gone' }),
    ),

    rule('publish to the topic', publish(stack.topic_arn), ...(stack.state_machine_arn === null ? stages : [])),
    leftOut('publish to another topic', publish(`arn:aws:sns:${region}:${account}:another-topic`)),
    rule('subscribe to the topic', {
      service: 'topics',
      command: 'Subscribe',
      input: { TopicArn: stack.topic_arn, Protocol: 'email', Endpoint: 'stranger@example.com' },
    }),

    ...stages.map((stage) => rule(`call ${stage}`, other(stage))),
    leftOut('replace code', {
      service: 'functions',
      command: 'UpdateFunctionCode',
      input: { FunctionName: stack.function_names.load, S3Bucket: code, S3Key: 'ingest.zip' },
    }),
    ...(stack.state_machine_arn === null
      ? []
      : [
          leftOut('start a run', {
            service: 'states',
            command: 'StartExecution',
            input: { stateMachineArn: stack.state_machine_arn },
          } as const),
        ]),
    rule('use the key by itself', {
      service: 'keys',
      command: 'GenerateDataKey',
      input: { KeyId: stack.key_arn, KeySpec: 'AES_256' },
    }),
    leftOut('delete the key', { service: 'keys', command: 'ScheduleKeyDeletion', input: { KeyId: stack.key_arn } }),
    rule('read logs', {
      service: 'logs',
      command: 'FilterLogEvents',
      input: { logGroupName: stack.log_groups.ingest },
    }),
    leftOut('make a log group', { service: 'logs', command: 'CreateLogGroup', input: { logGroupName: '/elsewhere' } }),
    leftOut('make a role', {
      service: 'iam',
      command: 'CreateRole',
      input: { RoleName: 'stranger', AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}' },
    }),
    leftOut('give itself a right', {
      service: 'iam',
      command: 'AttachRolePolicy',
      input: { RoleName: 'totes-load', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    }),
    leftOut('take the role that deploys', {
      service: 'sts',
      command: 'AssumeRole',
      input: { RoleArn: stack.apply_role_arn, RoleSessionName: 'stranger' },
    }),
  ];
}

const secret = (command: string, arn: string, more: Record<string, unknown> = {}): Request => ({
  service: 'secrets',
  command,
  input: { SecretId: arn, ...more },
});

const publish = (topic: string): Request => ({
  service: 'topics',
  command: 'Publish',
  input: { TopicArn: topic, Message: 'from a probe of rights' },
});

/** Runs the probe as a function with this role. */
async function probe(
  { functions }: Cloud,
  name: string,
  role: string,
  code: Uint8Array,
  rules: readonly Rule[],
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
    const payload = JSON.stringify(rules.map(({ request }) => request));
    const { FunctionError, Payload } = await functions.send(
      new InvokeCommand({ FunctionName: name, Payload: payload }),
    );
    const answer = Buffer.from(Payload!).toString('utf8');
    if (FunctionError !== undefined) throw new Error(`the probe ${name} failed: ${answer}`);
    return JSON.parse(answer) as string[];
  } finally {
    await functions.send(new DeleteFunctionCommand({ FunctionName: name }));
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
