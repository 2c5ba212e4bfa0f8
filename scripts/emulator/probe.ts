import * as iam from '@aws-sdk/client-iam';
import * as keys from '@aws-sdk/client-kms';
import * as functions from '@aws-sdk/client-lambda';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as s3 from '@aws-sdk/client-s3';
import * as secrets from '@aws-sdk/client-secrets-manager';
import * as states from '@aws-sdk/client-sfn';
import * as sts from '@aws-sdk/client-sts';
import * as topics from '@aws-sdk/client-sns';

/** A request of one of the services, by the SDK's names: `{ service: 's3', command: 'GetObject', input: { … } }`. */
export interface Request {
  readonly service: 'functions' | 'iam' | 'keys' | 'logs' | 's3' | 'secrets' | 'states' | 'sts' | 'topics';
  readonly command: string;
  readonly input: Readonly<Record<string, unknown>>;
}

interface Client {
  send(command: object): Promise<unknown>;
}

const services: Readonly<Record<Request['service'], { readonly library: object; readonly client: Client }>> = {
  functions: { library: functions, client: new functions.LambdaClient() },
  iam: { library: iam, client: new iam.IAMClient() },
  keys: { library: keys, client: new keys.KMSClient() },
  logs: { library: logs, client: new logs.CloudWatchLogsClient() },
  s3: { library: s3, client: new s3.S3Client({ forcePathStyle: true }) },
  secrets: { library: secrets, client: new secrets.SecretsManagerClient() },
  states: { library: states, client: new states.SFNClient() },
  sts: { library: sts, client: new sts.STSClient() },
  topics: { library: topics, client: new topics.SNSClient() },
};

/**
 * A Lambda function that tries what its role may do. It answers with the name of each request's error, or "allowed" where
 * there was none. It tells no content of an answer.
 */
export async function handler(requests: readonly Request[]): Promise<string[]> {
  const outcomes: string[] = [];
  for (const { service, command, input } of requests) {
    const { library, client } = services[service];
    const Command = (library as Record<string, new (input: unknown) => object>)[`${command}Command`]!;
    try {
      await client.send(new Command(input));
      outcomes.push('allowed');
    } catch (error) {
      outcomes.push((error as Error).name);
    }
  }
  return outcomes;
}
