import { S3Client } from '@aws-sdk/client-s3';
import { keptBetweenCalls, readConfig, s3Requests, setting, withDatabase, type Setting } from '@totes/core';
import { bundleClient } from './bundle.ts';
import { publish, type PublishResult } from './publish.ts';
import { PublishedPage } from './publishedPage.ts';

const s3Bucket: Setting<string> = {
  variable: 'REPORT_BUCKET',
  parse: (text) => /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$/.exec(text)?.[1],
  expected: 's3:// and the name of a bucket',
};

const client = keptBetweenCalls(() => new S3Client(s3Requests));

/** Brings the page in the bucket that the environment names up to the warehouse that it names. */
export async function runReport(env: Readonly<Record<string, string | undefined>>): Promise<PublishResult> {
  const config = readConfig(
    {
      warehouse: setting.text('WAREHOUSE_DATABASE'),
      bucket: s3Bucket,
      schema: setting.optional(setting.text('WAREHOUSE_SCHEMA'), 'public'),
      codeVersion: setting.optional(setting.text('CODE_VERSION'), 'unknown'),
    },
    env,
  );
  const { warehouse: database, bucket, schema, codeVersion } = config;
  return withDatabase({ database, side: 'warehouse', applicationName: 'totes report' }, (warehouse) =>
    publish({
      ...{ warehouse, schema, codeVersion, bundleClient },
      page: new PublishedPage(client(), bucket),
      now: () => new Date(),
    }),
  );
}
