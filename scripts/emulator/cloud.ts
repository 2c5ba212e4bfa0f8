import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import type { Endpoint } from './endpoint.ts';

/** Clients of each service, with all rights. */
export type Cloud = ReturnType<typeof clients>;

/** Makes the clients of an endpoint's services. */
export function clients(endpoint: Endpoint) {
  const { url, region, accessKeyId, secretAccessKey, authority } = endpoint;
  const httpsAgent = new Agent({
    keepAlive: true,
    ...(authority === undefined ? {} : { ca: readFileSync(authority) }),
  });
  const settings = {
    endpoint: url,
    region,
    credentials: { accessKeyId, secretAccessKey },
    requestHandler: { httpsAgent },
  };
  return {
    alarms: new CloudWatchClient(settings),
    functions: new LambdaClient(settings),
    iam: new IAMClient(settings),
    keys: new KMSClient(settings),
    logs: new CloudWatchLogsClient(settings),
    queues: new SQSClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    schedules: new SchedulerClient(settings),
    secrets: new SecretsManagerClient(settings),
    states: new SFNClient(settings),
    sts: new STSClient(settings),
    topics: new SNSClient(settings),
  };
}
