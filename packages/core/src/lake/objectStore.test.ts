import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { FakeS3 } from '../../test/fakeS3.ts';
import { LakeCorrupt, LakeRefused } from '../errors.ts';
import { FolderStore } from './folderStore.ts';
import { compareKeys } from './key.ts';
import type { ObjectStore } from './objectStore.ts';
import { S3Store } from './s3Store.ts';

interface Subject {
  store: ObjectStore;
  /** Makes empty objects, by the shortest way. */
  fill(keys: readonly string[]): Promise<unknown>;
  /** What unfinished writes left behind. */
  leftovers(): Promise<unknown[]>;
  close(): Promise<void>;
}

async function folder(): Promise<Subject> {
  const root = await mkdtemp(join(tmpdir(), 'totes-store-'));
  const store = new FolderStore(root, 'lake');
  return {
    store,
    fill: (keys) => Promise.all(keys.map((key) => store.putIfAbsent(key, bytes('')))),
    leftovers: () => readdir(join(root, 'lake', '.tmp')),
    close: () => rm(root, { recursive: true }),
  };
}

async function s3(prefix: string, pageSize = 300): Promise<Subject> {
  const server = new FakeS3();
  server.pageSize = pageSize;
  const client = new S3Client({
    endpoint: await server.start(),
    forcePathStyle: true,
    region: 'eu-west-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return {
    store: new S3Store(client, server.bucket, prefix),
    fill(keys) {
      for (const key of keys) server.put(prefix === '' ? key : `${prefix}/${key}`, bytes(''));
      return Promise.resolve();
    },
    leftovers: () => Promise.resolve([...server.uploads.keys()]),
    async close() {
      client.destroy();
      await server.stop();
    },
  };
}

const bytes = (text: string): Buffer => Buffer.from(text);

/** 20 MiB in uneven chunks, every one of another content: three parts of a multipart upload. */
async function* large(seed = 1): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < 20; index++)
    yield await Promise.resolve(Buffer.alloc(1024 * 1024 + index - 10, index + seed));
}

async function* failing(chunks: AsyncIterable<Uint8Array>, error: Error): AsyncGenerator<Uint8Array> {
  yield* chunks;
  throw error;
}

async function* only(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(bytes(text));
}

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return Buffer.concat(read);
}

describe.each([
  ['a folder', folder],
  ['a part of a bucket', () => s3('team/lake')],
])('an object store in %s', (_, open) => {
  let subject: Subject;
  let store: ObjectStore;

  beforeEach(async () => {
    subject = await open();
    store = subject.store;
  });
  afterEach(() => subject.close());

  test('is empty at first', async () => {
    expect(await store.get('log/1.json')).toBeUndefined();
    expect(await store.list('')).toEqual([]);
    expect(await store.list('log/')).toEqual([]);
  });

  test('gives back what was put, an empty object too', async () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    expect(await store.putIfAbsent('raw/staff/2026/part-0.csv', all)).toBe(true);
    expect(await store.putIfAbsent('empty', bytes(''))).toBe(true);
    expect(Buffer.from((await store.get('raw/staff/2026/part-0.csv'))!)).toEqual(all);
    expect((await store.get('empty'))!).toHaveLength(0);
    expect(await whole(store.stream('empty'))).toHaveLength(0);
  });

  test('never replaces an object', async () => {
    await store.putIfAbsent('log/1.json', bytes('first'));
    expect(await store.putIfAbsent('log/1.json', bytes('second'))).toBe(false);
    await expect(store.upload('log/1.json', only('third'))).rejects.toThrow(LakeRefused);
    await expect(store.upload('log/1.json', large())).rejects.toThrow(`${store.uri}/log/1.json exists already`);
    expect(bytes('first').equals((await store.get('log/1.json'))!)).toBe(true);
    expect(await subject.leftovers()).toEqual([]);
  });

  test('lets one of many writers win', async () => {
    const writers = Array.from({ length: 20 }, (_, index) => index);
    const won = await Promise.all(writers.map((each) => store.putIfAbsent('log/1.json', bytes(`by ${each}`))));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(bytes(`by ${won.indexOf(true)}`).equals((await store.get('log/1.json'))!)).toBe(true);
  });

  test('lets one of several uploads win', async () => {
    const results = await Promise.allSettled([1, 2, 3].map((seed) => store.upload('part', large(seed))));
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(2);
    expect((await whole(store.stream('part'))).equals(await whole(large(winner + 1)))).toBe(true);
    expect(await subject.leftovers()).toEqual([]);
  });

  test('takes uploads of any length', async () => {
    await store.upload('large', large());
    await store.upload('small', only('one, ', 'two'));
    await store.upload('empty', only());
    expect((await whole(store.stream('large'))).equals(await whole(large()))).toBe(true);
    expect((await whole(store.stream('small'))).toString()).toBe('one, two');
    expect(await store.get('empty')).toHaveLength(0);
  });

  test.each([
    ['at once', only()],
    ['after a little', only('a little')],
    ['after several parts', large()],
  ])('shows nothing of an upload whose body fails %s, and throws its error', async (_, chunks) => {
    const error = new Error('the source went away');
    await expect(store.upload('part', failing(chunks, error))).rejects.toBe(error);
    expect(await store.get('part')).toBeUndefined();
    expect(await store.list('')).toEqual([]);
    expect(await subject.leftovers()).toEqual([]);
    expect(await store.putIfAbsent('part', bytes('now'))).toBe(true);
  });

  test('says that a missing object is missing once it is streamed', async () => {
    await expect(whole(store.stream('raw/part'))).rejects.toThrow(LakeCorrupt);
    await expect(whole(store.stream('raw/part'))).rejects.toThrow(`${store.uri}/raw/part is missing`);
  });

  test('lets a reader of a stream stop early', async () => {
    await store.upload('large', large());
    for await (const chunk of store.stream('large')) {
      expect(chunk[0]).toBe(1);
      break;
    }
    expect((await whole(store.stream('large'))).equals(await whole(large()))).toBe(true);
  });

  test('lists in the order of bytes, across folders', async () => {
    // "-" and "." sort before "/", "0" after it; U+FF5E sorts before U+1F45C by bytes and after it in UTF-16.
    const keys = ['a-b', 'a.b/c', 'a/b', 'a/b-c', 'a/c/d', 'a0', "it's & <it>", 'z/\u{ff5e}', 'z/\u{1f45c}'];
    await Promise.all([...keys].reverse().map((key) => store.putIfAbsent(key, bytes(key))));
    expect(await store.list('')).toEqual(keys);
    expect(await store.list('a/')).toEqual(['a/b', 'a/b-c', 'a/c/d']);
    expect(await store.list('a/b')).toEqual(['a/b', 'a/b-c']);
    expect(await store.list('a')).toEqual(keys.slice(0, 6));
    expect(await store.list('', 'a/b')).toEqual(keys.slice(3));
    expect(await store.list('a/', 'a/b-d', 1)).toEqual(['a/c/d']);
    expect(await store.list('', 'a/c')).toEqual(keys.slice(4));
    expect(await store.list('', '', 2)).toEqual(keys.slice(0, 2));
    expect(await store.list('b')).toEqual([]);
  });

  test('lists a thousand keys at most unless told otherwise', async () => {
    const keys = Array.from({ length: 1005 }, (_, index) => `log/${String(index).padStart(5, '0')}`);
    await subject.fill(keys);
    expect(await store.list('log/')).toEqual(keys.slice(0, 1000));
    expect(await store.list('log/', keys[999])).toEqual(keys.slice(1000));
  });

  test.each(['', '/', '/etc/passwd', '../x', 'a/../../x', 'a/./b', 'a//b', 'a/', '.tmp/x', 'a\0b'])(
    'refuses %j as a key',
    async (key) => {
      await expect(store.putIfAbsent(key, bytes(''))).rejects.toThrow(LakeRefused);
      await expect(store.upload(key, only())).rejects.toThrow(LakeRefused);
      await expect(store.get(key)).rejects.toThrow(LakeRefused);
      await expect(whole(store.stream(key))).rejects.toThrow('is not a key of the lake');
    },
  );

  test.each(['/', '../', 'a/../b', '/etc/'])('refuses %j as a prefix', async (prefix) => {
    await expect(store.list(prefix)).rejects.toThrow(LakeRefused);
  });
});

test.each([
  ['a folder', folder],
  ['a bucket', () => s3('', 3)],
])('listings of %s agree with a sorted set of keys, whatever the prefix and the start', async (_, start) => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '0', 'é'), minLength: 1, maxLength: 2 });
  const key = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
  const bound = fc.oneof(
    key,
    fc.constant(''),
    key.map((each) => `${each}/`),
  );
  const limit = fc.integer({ min: 1, max: 12 });
  const drawn = fc.record({ keys: fc.uniqueArray(key, { maxLength: 12 }), prefix: bound, after: bound, limit });
  await fc.assert(
    fc.asyncProperty(drawn, async ({ keys: names, prefix, after, limit: most }) => {
      // A name is a file's or a folder's, not both.
      const keys = names.filter((each) => ![...names, prefix].some((other) => other.startsWith(`${each}/`)));
      const subject = await start();
      try {
        await subject.fill(keys);
        const all = keys.filter((each) => each.startsWith(prefix) && compareKeys(each, after) > 0).sort(compareKeys);
        expect(await subject.store.list(prefix, after, most)).toEqual(all.slice(0, most));
      } finally {
        await subject.close();
      }
    }),
    { numRuns: 100, seed: 42 },
  );
});
