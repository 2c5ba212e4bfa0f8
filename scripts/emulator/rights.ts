import { randomUUID } from 'node:crypto';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { functionNames, type FunctionName } from '../../packages/cli/src/stack/stack.ts';
import type { Cloud } from './cloud.ts';
import type { Stack } from './pipeline.ts';
import type { Request } from './probe.ts';

/** A request and whose role may make it. */
export interface Right {
  readonly what: string;
  readonly allowed: readonly FunctionName[];
  readonly request: Request;
  /**
   * What the same request gets from somebody with all rights: `works`, unless even they are denied, or it would leave
   * behind what nobody removes and is left out.
   */
  readonly control: 'works' | 'denied' | 'left out';
}

/**
 * What each function is for, and all that it might be misused for. Finds objects of the lake to ask for, so a run must have
 * filled it, and verify must have asked for rows.
 *
 * @param elsewhere the ARN of a topic that is not the pipeline's
 */
export async function rightsOf(cloud: Cloud, stack: Stack, elsewhere: string): Promise<Right[]> {
  const [raw, processed, code] = [stack.ingestion_bucket, stack.processed_bucket, stack.code_bucket];
  const page = stack.report_bucket;
  const first = async (bucket: string, prefix: string): Promise<string> => {
    const { Contents } = await cloud.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }));
    const key = Contents?.[0]?.Key;
    if (key === undefined) throw new Error(`nothing in ${bucket}/${prefix} to try rights on`);
    return key;
  };
  // Nothing may be set aside or compacted in this run, and a right to a folder does not ask what is in it.
  const probes = ['quarantine', 'state/quarantine', 'compacted'].map((folder) => `${folder}/${randomUUID()}`);
  const [quarantined, waiting, compacted] = probes as [string, string, string];
  const slice = `slices/${randomUUID()}/plan.json`;
  for (const Bucket of [raw, processed]) {
    await cloud.s3.send(new PutObjectCommand({ Bucket, Key: slice, Body: 'probe', IfNoneMatch: '*' }));
  }
  for (const Key of probes) {
    await cloud.s3.send(new PutObjectCommand({ Bucket: processed, Key, Body: 'probe', IfNoneMatch: '*' }));
  }
  const keys = {
    rawRows: await first(raw, 'raw/'),
    rawCommit: await first(raw, 'log/'),
    rawRequest: await first(raw, 'requests/'),
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
  const append = (bucket: string, key: string): Request =>
    s3('PutObject', bucket, { Key: key, Body: 'new', IfNoneMatch: '*' });
  const overwrite = (bucket: string, key: string): Request => s3('PutObject', bucket, { Key: key, Body: 'gone' });
  const remove = (bucket: string, key: string): Request => s3('DeleteObject', bucket, { Key: key });
  const right = (what: string, request: Request, ...allowed: FunctionName[]): Right => ({
    what,
    request,
    allowed,
    control: 'works',
  });
  const leftOut = (what: string, request: Request): Right => ({ ...right(what, request), control: 'left out' });
  const invoke = (name: FunctionName): Request => ({
    service: 'functions',
    command: 'Invoke',
    input: { FunctionName: stack.function_names[name] },
  });

  return [
    right('list the raw log', list(raw, 'log/'), 'ingest', 'transform', 'replay'),
    right('list the requests', list(raw, 'requests/'), 'ingest', 'verify'),
    right('list the rates', list(raw, 'rates/'), 'ingest'),
    right('list slices', list(raw, slice), 'ingest'),
    right('list slices of facts', list(processed, slice), 'transform'),
    right('list raw rows', list(raw, 'raw/')),
    right('list all of the ingestion bucket', list(raw, '')),
    right('list the processed log', list(processed, 'log/'), 'transform', 'load', 'verify', 'replay'),
    right('find another processed log', list(processed, 'log/generation-'), 'transform', 'load', 'verify', 'replay'),
    right(
      'list another processed log',
      list(processed, 'log/rebuilt-00002-run/'),
      'transform',
      'load',
      'verify',
      'replay',
    ),
    right('list state', list(processed, 'state/')),
    right('list star rows', list(processed, 'star/')),
    right('list all of the processed bucket', list(processed, '')),
    right('list the code', list(code, '')),
    right('see whether there is a page of the report', list(page, ''), 'report'),

    right('read a raw commit', read(raw, keys.rawCommit), 'ingest', 'transform', 'replay'),
    right('read raw rows', read(raw, keys.rawRows), 'ingest', 'transform', 'replay'),
    right('read the plan of slices', read(raw, slice), 'ingest'),
    right('read the plan of slices of facts', read(processed, slice), 'transform'),
    right('read a request', read(raw, keys.rawRequest), 'ingest', 'verify'),
    right('read a processed commit', read(processed, keys.processedCommit), 'transform', 'load', 'verify', 'replay'),
    right('read state', read(processed, keys.state), 'transform', 'replay'),
    right('read which rows wait', read(processed, waiting), 'transform', 'verify', 'replay'),
    right('read star rows', read(processed, keys.starRows), 'transform', 'load', 'replay'),
    right('read compacted rows', read(processed, compacted), 'transform', 'replay'),
    right('read what is set aside', read(processed, quarantined)),
    right('read its own code', read(code, 'ingest.zip')),
    right('read the page of the report', read(page, 'index.html'), 'report'),

    right('append to the raw log', append(raw, keys.rawCommit), 'ingest'),
    right('append raw rows', append(raw, keys.rawRows), 'ingest'),
    right('plan slices', append(raw, slice), 'ingest'),
    right('plan slices of facts', append(processed, slice), 'transform'),
    right('request rows', append(raw, keys.rawRequest), 'verify'),
    right('write elsewhere in the ingestion bucket', append(raw, 'elsewhere')),
    right('append to the processed log', append(processed, keys.processedCommit), 'transform', 'replay'),
    right('append star rows', append(processed, keys.starRows), 'transform', 'replay'),
    right('append compacted rows', append(processed, compacted), 'transform', 'replay'),
    right('append state', append(processed, keys.state), 'transform', 'replay'),
    right('set rows aside', append(processed, quarantined), 'transform', 'replay'),
    right('write elsewhere in the processed bucket', append(processed, 'elsewhere')),
    right('write code', append(code, 'elsewhere.zip')),
    right('write the page of the report', append(page, 'index.html'), 'report'),
    right('write elsewhere in the bucket of the report', append(page, 'elsewhere')),

    ...Object.entries(keys).flatMap(([name, key]) => {
      const bucket = name.startsWith('raw') ? raw : processed;
      return [
        { ...right(`overwrite ${key}`, overwrite(bucket, key)), control: 'denied' } as const,
        right(`delete ${key}`, remove(bucket, key)),
        right(`list versions of ${key}`, s3('ListObjectVersions', bucket, { Prefix: key })),
      ];
    }),
    right(
      'switch versioning off',
      s3('PutBucketVersioning', raw, { VersioningConfiguration: { Status: 'Suspended' } }),
    ),
    right('remove the bucket policy', s3('DeleteBucketPolicy', raw, {})),
    right('remove the lifecycle rules', s3('DeleteBucketLifecycle', processed, {})),
    right('list all buckets', { service: 's3', command: 'ListBuckets', input: {} }),
    right('read the state of Terraform', read(stack.state_bucket, 'warehouse.tfstate')),

    right("read the source's password", secret('GetSecretValue', stack.secret_arns.source), 'ingest', 'verify'),
    right(
      "read the warehouse's password",
      secret('GetSecretValue', stack.secret_arns.warehouse),
      'load',
      'verify',
      'replay',
      'report',
    ),
    right("describe the source's secret", secret('DescribeSecret', stack.secret_arns.source)),
    right("change the source's password", secret('PutSecretValue', stack.secret_arns.source, { SecretString: 'gone' })),
    right(
      "change the warehouse's password",
      secret('PutSecretValue', stack.secret_arns.warehouse, { SecretString: 'gone' }),
    ),

    // The state machine tells of the stages' failures; of a call that nobody waits for, Lambda does with the role.
    right(
      'publish to the topic',
      publish(stack.topic_arn),
      ...(stack.state_machine_arn === undefined
        ? functionNames.filter((name) => name !== 'replay')
        : (['verify'] as const)),
    ),
    right('publish to another topic', publish(elsewhere)),
    right('subscribe to the topic', {
      service: 'topics',
      command: 'Subscribe',
      input: { TopicArn: stack.topic_arn, Protocol: 'email', Endpoint: 'stranger@example.com' },
    }),

    // Without a state machine, Lambda calls the report after load, with the rights of load.
    ...functionNames.map((name) =>
      right(
        `call ${name}`,
        invoke(name),
        ...(name === 'report' && stack.state_machine_arn === undefined ? (['load'] as const) : []),
      ),
    ),
    leftOut('replace code', {
      service: 'functions',
      command: 'UpdateFunctionCode',
      input: { FunctionName: stack.function_names.load, S3Bucket: code, S3Key: 'ingest.zip' },
    }),
    ...(stack.state_machine_arn === undefined
      ? []
      : [
          leftOut('start a run', {
            service: 'states',
            command: 'StartExecution',
            input: { stateMachineArn: stack.state_machine_arn },
          } as const),
        ]),
    right('use the key by itself', {
      service: 'keys',
      command: 'GenerateDataKey',
      input: { KeyId: stack.key_arn, KeySpec: 'AES_256' },
    }),
    leftOut('delete the key', { service: 'keys', command: 'ScheduleKeyDeletion', input: { KeyId: stack.key_arn } }),
    right('read logs', {
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
