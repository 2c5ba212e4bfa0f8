import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeS3 } from '../../test/fakeS3.ts';
import { ConfigInvalid } from '../errors.ts';
import { openLake, openStore } from './openLake.ts';

test('a folder holds both logs', async () => {
  const root = await mkdtemp(join(tmpdir(), 'totes-lake-'));
  const lake = await openLake(`${root}/`);
  expect([lake.raw.store.uri, lake.processed.store.uri]).toEqual([`${root}/ingestion`, `${root}/processed`]);
  expect([await lake.raw.log.head(), await lake.processed.log.head()]).toEqual([0, 0]);
  expect(await readdir(root)).toEqual([]);
  expect((await openStore(root)).uri).toBe(root);
  await rm(root, { recursive: true });
});

test('two buckets hold a log each', async () => {
  const lake = await openLake('s3://totes-raw/team,s3://totes-processed');
  expect([lake.raw.store.uri, lake.processed.store.uri]).toEqual(['s3://totes-raw/team', 's3://totes-processed']);
  await expect(openLake('s3://totes-raw,s3://X')).rejects.toThrow(ConfigInvalid);
});

describe('a bucket', () => {
  const kept = { ...process.env };
  const server = new FakeS3();

  beforeAll(async () => {
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_S3: await server.start(),
      AWS_REGION: 'eu-west-2',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
  });
  afterAll(async () => {
    process.env = kept;
    await server.stop();
  });

  test.each([
    ['s3://test-lake', ''],
    ['s3://test-lake/', ''],
    ['s3://test-lake/team/totes/', 'team/totes/'],
  ])('%s holds both logs', async (uri, prefix) => {
    const lake = await openLake(uri);
    await lake.raw.store.putIfAbsent('log/1', Buffer.from('raw'));
    await lake.processed.store.putIfAbsent('log/1', Buffer.from('processed'));
    expect(server.objects.get(`${prefix}ingestion/log/1`)?.body.toString()).toBe('raw');
    expect(server.objects.get(`${prefix}processed/log/1`)?.body.toString()).toBe('processed');
    server.objects.clear();
  });

  test('may hold one log alone', async () => {
    expect((await openStore('s3://test-lake')).uri).toBe('s3://test-lake');
    expect(await (await openStore('s3://test-lake/raw')).get('log/1')).toBeUndefined();
  });
});

test.each([
  '',
  's3://',
  's3://Bad_Bucket',
  's3://b',
  's3:///prefix',
  's3://bucket//prefix',
  's3://bucket/../prefix',
  'S3://bucket',
  'gs://bucket/prefix',
  'https://bucket.s3.amazonaws.com',
])('%j is no lake', async (uri) => {
  const message = `lake ${JSON.stringify(uri)} cannot be used: write s3://bucket/prefix or a folder's path`;
  await expect(openLake(uri)).rejects.toThrow(new ConfigInvalid(message));
  await expect(openStore(uri)).rejects.toThrow(ConfigInvalid);
});
