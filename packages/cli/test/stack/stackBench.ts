import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestFormat, openLake, type Lake, type ProcessedManifest, type RawManifest } from '@totes/core';
import { FakeS3 } from '../../../core/test/fakeS3.ts';
import { FakeAws } from './fakeAws.ts';

/** A deployed pipeline: its services, its lake, and the Terraform outputs that describe it. */
export interface StackBench {
  readonly aws: FakeAws;
  readonly s3: FakeS3;
  readonly lake: Lake;
  /** A file with the outputs. */
  readonly place: string;
  /** A file with other outputs, null to leave one out. */
  outputs(changes: Readonly<Record<string, unknown>>): Promise<string>;
  /** Commits the next version to both logs, or the raw one alone. */
  commit(version: Partial<{ raw: Partial<RawManifest>; processed: Partial<ProcessedManifest> | null }>): Promise<void>;
  close(): Promise<void>;
}

const names = ['ingest', 'transform', 'load', 'verify', 'replay', 'report'];
const byFunction = (prefix: string): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, `${prefix}${name}`]));

const alarmKeys = ['stale', 'load-slow', 'replay-errors', 'rates-errors', 'rows-differing', 'schema-changed'];

/** When the lake's versions were made. */
export const lakeTime = '2026-01-05T09:00:00.000Z';

export async function openStackBench(): Promise<StackBench> {
  const kept = { ...process.env };
  const folder = await mkdtemp(join(tmpdir(), 'totes-stack-'));
  const [aws, s3] = [new FakeAws(), new FakeS3()];
  await aws.start();
  process.env.AWS_ENDPOINT_URL_S3 = await s3.start();
  process.env.AWS_REGION = 'eu-west-2';
  const uri = `s3://${s3.bucket}/ingestion,s3://${s3.bucket}/processed`;
  const lake = await openLake(uri);
  const values = {
    name: 'shop',
    region: 'eu-west-2',
    source_schema: 'public',
    warehouse_schema: 'star',
    ingestion_bucket: s3.bucket,
    processed_bucket: s3.bucket,
    lake: uri,
    report_bucket: s3.bucket,
    report_cloudfront: null,
    state_machine_arn: aws.stateMachine,
    function_names: byFunction('shop-'),
    log_groups: byFunction('/aws/lambda/shop-'),
    alarm_names: alarmKeys.map((key) => `shop-${key}`),
    secret_arns: Object.fromEntries(
      ['source', 'warehouse'].map((name) => [
        name,
        `arn:aws:secretsmanager:eu-west-2:123456789012:secret:shop-${name}`,
      ]),
    ),
  };
  for (const name of names) aws.logs.set(`/aws/lambda/shop-${name}`, []);
  const write = async (name: string, outputs: object): Promise<string> => {
    const file = join(folder, name);
    const all = Object.entries(outputs).filter(([, value]) => value !== null);
    await writeFile(
      file,
      JSON.stringify(Object.fromEntries(all.map(([key, value]) => [key, { value: value as unknown }]))),
    );
    return file;
  };
  let version = 0;
  return {
    aws,
    s3,
    lake,
    place: await write('outputs.json', values),
    outputs: (changes) => write('changed.json', { ...values, ...changes }),
    async commit({ raw = {}, processed = {} }) {
      version++;
      const common = {
        ...{ format: manifestFormat, version, lakeId: 'lake', committedAt: lakeTime, codeVersion: 'test' },
        source: { readAt: lakeTime } as RawManifest['source'],
      };
      const runId = `run-${version}.00ff`;
      await lake.raw.log.commit({ ...common, kind: 'raw', runId, tables: {}, ...raw });
      if (processed === null) return;
      const quarantine = { objects: [], rows: 0, total: 0, waiting: 0 };
      await lake.processed.log.commit({
        ...common,
        kind: 'processed',
        runId,
        tables: {},
        state: {},
        quarantine,
        ...processed,
      });
    },
    async close() {
      process.env = kept;
      await Promise.all([aws.stop(), s3.stop()]);
      await rm(folder, { recursive: true });
    },
  };
}

/** What the state machine gives at the end of a run. */
export const output = (version: number, changes: { ingest?: object; load?: object; report?: object } = {}): object => ({
  ingest: {
    version,
    committed: true,
    read: { sales_order: 3 },
    deleted: {},
    served: 0,
    notices: [],
    ...changes.ingest,
  },
  transform: { version, transformed: [version], rows: { fact_sales_order: 3 }, quarantined: 0, waiting: 0 },
  load: { version, versions: [version], loaded: { fact_sales_order: 3 }, deleted: {}, warnings: 0, ...changes.load },
  report: { written: true, version, bytes: 1000, ...changes.report },
});
