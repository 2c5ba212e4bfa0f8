import { FakeS3 } from '../../../core/test/fakeS3.ts';
import { openBench, totes, type Bench, type Outcome } from '../pipelineTest.ts';
import { namedObjects, type NamedObject } from './wholeness.ts';

/** A bench whose lake is a bucket, which the command line finds as it finds S3: by the environment. */
export interface S3Bench extends Bench {
  readonly server: FakeS3;
  /** Runs the pipeline, whatever comes of it. */
  tryRun(): Promise<Outcome>;
  /** The objects that the manifests of a log name, in the order of the versions. `folder` is the log's, with its "/". */
  named(folder: string): NamedObject[];
}

export async function openS3Bench(orders: number): Promise<S3Bench> {
  const kept = { ...process.env };
  const server = new FakeS3();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: await server.start(),
    AWS_REGION: 'eu-west-2',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  const bench = await openBench(orders);
  const lake = `s3://${server.bucket}`;
  const places = ['--source', bench.source.url, '--warehouse', bench.warehouse.url, '--lake', lake];
  return {
    ...bench,
    server,
    lake,
    tryRun: () => totes('run', ...places, '--json'),
    run: (...options) => bench.run('--lake', lake, ...options),
    named(folder) {
      const manifests = [...server.objects].filter(([key]) => key.startsWith(folder) && key.endsWith('.json')).sort();
      return manifests.flatMap(([, { body }]) => namedObjects(JSON.parse(body.toString())));
    },
    async close() {
      process.env = kept;
      await server.stop();
      await bench.close();
    },
  };
}
