import { openS3Bench, type S3Bench } from './faults/s3Bench.ts';

let bench: S3Bench;
beforeAll(async () => {
  bench = await openS3Bench(20);
});
afterAll(() => bench.close());

test('a run with nothing to do asks for the ends of the logs and their last manifests, once each', async () => {
  await bench.run();
  bench.server.requests.length = 0;
  expect(await bench.run()).toMatchObject({ version: 1, committed: false });
  const asked = bench.server.requests.map((request) => /prefix=([^&]*)/.exec(request)?.[1] ?? request.split('?')[0]!);
  expect(asked.map(decodeURIComponent).sort()).toEqual([
    'GET ingestion/log/00000000000000000001.json',
    'GET processed/log/00000000000000000001.json',
    'ingestion/log/',
    'ingestion/log/',
    'ingestion/rates/',
    'ingestion/requests/',
    'processed/log/',
    'processed/log/',
  ]);
});
