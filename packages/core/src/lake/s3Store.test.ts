import { S3Client } from '@aws-sdk/client-s3';
import { FakeS3, type Fault } from '../../test/fakeS3.ts';
import { LakeRefused, LakeUnavailable } from '../errors.ts';
import type { ObjectStore } from './objectStore.ts';
import { S3Store } from './s3Store.ts';

const slowDown: Fault = { status: 503, code: 'SlowDown' };
const conflict: Fault = { status: 409, code: 'ConditionalRequestConflict' };

const bytes = (text: string): Buffer => Buffer.from(text);

async function* body(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

/** Two parts. */
const large = (): AsyncGenerator<Uint8Array> =>
  body(Buffer.alloc(5 * 1024 * 1024, 1), Buffer.alloc(5 * 1024 * 1024, 2));

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return Buffer.concat(read);
}

const operations: [string, (store: ObjectStore) => Promise<unknown>][] = [
  ['a read', (store) => store.get('log/1.json')],
  ['a stream', (store) => whole(store.stream('log/1.json'))],
  ['a write', (store) => store.putIfAbsent('log/2.json', bytes('x'))],
  ['a small upload', (store) => store.upload('log/2.json', body(bytes('x')))],
  ['a large upload', (store) => store.upload('log/2.json', large())],
  ['a listing', (store) => store.list('log/')],
];

let server: FakeS3;
let client: S3Client;
let store: S3Store;

function connect(endpoint: string): S3Client {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new S3Client({ endpoint, forcePathStyle: true, region: 'eu-west-2', credentials, maxAttempts: 2 });
}

/** Lets the first `count` requests that match fail. */
function failing(fault: Fault, matches = /./, count = Infinity): void {
  let left = count;
  server.fault = ({ method, key, query }) =>
    matches.test(`${method} ${key}?${query.toString()}`) && left-- > 0 ? fault : undefined;
}

beforeEach(async () => {
  server = new FakeS3();
  client = connect(await server.start());
  store = new S3Store(client, server.bucket, 'lake');
  server.put('lake/log/1.json', bytes('{}'));
});
afterEach(async () => {
  client.destroy();
  await server.stop();
});

test('says where it is', () => {
  expect(store.uri).toBe('s3://test-lake/lake');
  expect(new S3Store(client, 'test-lake').uri).toBe('s3://test-lake');
});

test.each(operations)('%s that S3 turns away for now is an unavailable lake', async (_, operation) => {
  failing(slowDown);
  const error = await operation(store).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(LakeUnavailable);
  expect((error as Error).message).toMatch(/^s3:\/\/test-lake\/lake\/log\/.*: SlowDown: SlowDown, says the test$/);
});

test.each(operations)('%s without a connection is an unavailable lake', async (_, operation) => {
  failing('cut');
  await expect(operation(store)).rejects.toThrow(LakeUnavailable);
});

test.each(operations)('%s without the right to it is refused', async (_, operation) => {
  failing({ status: 403, code: 'AccessDenied' });
  await expect(operation(store)).rejects.toThrow(LakeRefused);
  await expect(operation(store)).rejects.toThrow(/s3:\/\/test-lake\/lake\/log\/.*AccessDenied/);
});

test.each(operations)('%s in a bucket that does not exist is refused', async (_, operation) => {
  const nowhere = new S3Store(client, 'no-such-bucket');
  await expect(operation(nowhere)).rejects.toThrow(LakeRefused);
  await expect(operation(nowhere)).rejects.toThrow(/s3:\/\/no-such-bucket\/log\/.*NoSuchBucket/);
});

test.each(operations)('%s goes on after one passing fault', async (_, operation) => {
  failing(slowDown, /./, 1);
  await operation(store);
});

test('a server that is not there is an unavailable lake', async () => {
  const endpoint = await server.start().catch(() => '');
  expect(endpoint).toBe('');
  await server.stop();
  await expect(store.get('log/1.json')).rejects.toThrow(LakeUnavailable);
  server = new FakeS3();
  await server.start();
});

test('a write is tried again while another one of the same key is under way', async () => {
  failing(conflict, /^PUT/, 2);
  expect(await store.putIfAbsent('log/2.json', bytes('x'))).toBe(true);
  failing(conflict, /^PUT/);
  await expect(store.putIfAbsent('log/3.json', bytes('x'))).rejects.toThrow(LakeUnavailable);
});

test.each([
  ['small', () => body(bytes('x')), /^PUT/],
  ['large', large, /^POST.*uploadId/],
])('a %s upload that raced another one may be tried again', async (_, content, last) => {
  failing(conflict, last);
  await expect(store.upload('part', content())).rejects.toThrow(LakeUnavailable);
  expect(server.uploads.size).toBe(0);
});

test.each([
  ['small', () => body(bytes('x')), /^PUT/],
  ['large', large, /^POST.*uploadId/],
])('a %s upload whose last reply was lost has taken place', async (_, content, last) => {
  failing('reply lost', last, 1);
  await store.upload('part', content());
  expect((await whole(store.stream('part'))).equals(await whole(content()))).toBe(true);
});

test.each([/partNumber=2/, /uploads=/])('a large upload that fails at %p leaves nothing behind', async (request) => {
  failing({ status: 403, code: 'AccessDenied' }, request);
  await expect(store.upload('part', large())).rejects.toThrow(LakeRefused);
  expect(server.uploads.size).toBe(0);
  expect([...server.objects.keys()]).toEqual(['lake/log/1.json']);
});

test('an upload that somebody aborted is refused, not taken for done', async () => {
  failing({ status: 404, code: 'NoSuchUpload' }, /^POST.*uploadId/);
  await expect(store.upload('part', large())).rejects.toThrow(/part cannot be written: NoSuchUpload/);
});

test('a taken key whose writer cannot be asked for is not taken for our own', async () => {
  server.fault = ({ method }) => (method === 'HEAD' ? slowDown : undefined);
  await expect(store.upload('log/1.json', body(bytes('x')))).rejects.toThrow(LakeUnavailable);
});

test.each(['reply cut', 'damaged'] as const)('a read whose reply is %s is an unavailable lake', async (fault) => {
  const content = Buffer.alloc(1024 * 1024, 'x');
  server.put('lake/part', content);
  if (fault === 'damaged') {
    server.objects.set('lake/part', { ...server.objects.get('lake/part')!, body: Buffer.alloc(1024 * 1024, 'y') });
  } else {
    failing(fault, /^GET/);
  }
  await expect(store.get('part')).rejects.toThrow(LakeUnavailable);
  await expect(whole(store.stream('part'))).rejects.toThrow(LakeUnavailable);
});

test('a listing costs one request a page', async () => {
  for (let index = 0; index < 10; index++) server.put(`lake/raw/${index}`, bytes(''));
  server.pageSize = 4;
  expect(await store.list('raw/')).toHaveLength(10);
  expect(await store.list('raw/', 'raw/5', 4)).toEqual(['raw/6', 'raw/7', 'raw/8', 'raw/9']);
  expect(server.requests).toHaveLength(4);
});
