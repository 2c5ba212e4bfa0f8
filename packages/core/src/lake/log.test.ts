import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { FakeS3 } from '../../test/fakeS3.ts';
import { CommitConflict, LakeCorrupt, ManifestUnsupported } from '../errors.ts';
import { FolderStore } from './folderStore.ts';
import { processedBucket, rawBucket } from './lake.ts';
import { manifestKey, type Log } from './log.ts';
import { manifestFormat, type RawManifest } from './manifest.ts';
import { S3Store } from './s3Store.ts';
import { sealed } from './seal.ts';

const manifest = (version: number, runId: string): RawManifest => ({
  kind: 'raw',
  format: manifestFormat,
  version,
  lakeId: 'lake',
  runId,
  committedAt: '2026-01-05T09:00:00.000Z',
  codeVersion: 'test',
  source: {
    systemIdentifier: '7',
    timeline: 1,
    databaseOid: 5,
    database: 'totesys',
    schema: 'public',
    snapshot: '10:10:',
    readAt: '2026-01-05T09:00:00.000Z',
  },
  tables: {},
});

let root: string;
let store: FolderStore;
let log: Log<RawManifest>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'totes-log-'));
  store = new FolderStore(root);
  ({ log } = rawBucket(store));
});
afterEach(() => rm(root, { recursive: true }));

test('keys of manifests sort as their versions do', () => {
  expect(manifestKey(42)).toBe('log/00000000000000000042.json');
  const keys = (versions: number[]): string[] => versions.map((version) => manifestKey(version));
  expect(keys([10, 9, 100]).sort()).toEqual(keys([9, 10, 100]));
});

test('versions are committed one after the other and read back', async () => {
  expect(await log.head()).toBe(0);
  expect(await log.commit(manifest(1, 'a'))).toBe(true);
  expect(await log.commit(manifest(2, 'b'))).toBe(true);
  expect(await log.head()).toBe(2);
  expect(await log.head(1)).toBe(2);
  expect(await log.head(2)).toBe(2);
  expect(await log.read(2)).toEqual(manifest(2, 'b'));
});

test('one of many writers of a version wins', async () => {
  const runs = Array.from({ length: 10 }, (_, index) => `run ${index}`);
  const won = await Promise.all(runs.map((runId) => log.commit(manifest(1, runId))));
  expect(won.filter(Boolean)).toHaveLength(1);
  expect((await log.read(1)).runId).toBe(runs[won.indexOf(true)]);
});

test('a version committed twice by the same run is in force, by another it is not', async () => {
  await log.commit(manifest(1, 'a'));
  expect(await log.commit(manifest(1, 'a'))).toBe(true);
  expect(await log.commit(manifest(1, 'b'))).toBe(false);
});

test('a manifest that is missing is said to be', async () => {
  await log.commit(manifest(1, 'a'));
  await expect(log.read(2)).rejects.toThrow(
    new LakeCorrupt(`${root}/log/00000000000000000002.json is missing, though later versions or a caller name it`),
  );
});

test.each([
  ['half of one', '{"format": 1, "ver', LakeCorrupt, 'is not JSON'],
  ['nothing', '', LakeCorrupt, 'is not JSON'],
  ['null', 'null', LakeCorrupt, 'is not a manifest'],
  [
    'of a later release',
    JSON.stringify({ ...manifest(1, 'a'), format: manifestFormat + 1 }),
    ManifestUnsupported,
    'upgrade it',
  ],
  ['without a format', '{}', ManifestUnsupported, 'has format undefined'],
  ['of another version', sealed(manifest(3, 'a')), LakeCorrupt, 'raw version 3, expected raw version 1'],
  ['without its seal', JSON.stringify(manifest(1, 'a')), LakeCorrupt, 'lacks the sha256 at its end'],
  [
    'altered since',
    sealed(manifest(1, 'a')).toString().replace('"10:10:"', '"11:10:"'),
    LakeCorrupt,
    'does not have the sha256 that it ends with',
  ],
])('a manifest that is %s is not read', async (_, body, kind, words) => {
  await store.putIfAbsent(manifestKey(1), Buffer.from(body));
  await expect(log.read(1)).rejects.toThrow(kind);
  await expect(log.read(1)).rejects.toThrow(words);
  await expect(log.read(1)).rejects.toThrow(`${root}/log/00000000000000000001.json`);
});

test('a manifest of the release before, which has no seal, is read', async () => {
  const old = { ...manifest(1, 'a'), format: 1 };
  await store.putIfAbsent(manifestKey(1), Buffer.from(JSON.stringify(old)));
  expect(await log.read(1)).toEqual(old);
});

test('a manifest of the other log is not read', async () => {
  await log.commit(manifest(1, 'a'));
  await expect(processedBucket(store).log.read(1)).rejects.toThrow(
    'says it is raw version 1, expected processed version 1',
  );
});

test('a file in the log that is no manifest is reported, not counted', async () => {
  await log.commit(manifest(1, 'a'));
  await store.putIfAbsent('log/notes.txt', Buffer.from('by hand'));
  await expect(log.head()).rejects.toThrow(new LakeCorrupt(`${root}/log/notes.txt is not a manifest: remove it`));
});

test('a conflict may be tried again', () => {
  expect(new CommitConflict('another writer was first').transient).toBe(true);
});

describe('on S3', () => {
  let server: FakeS3;
  let client: S3Client;
  let remote: Log<RawManifest>;

  beforeEach(async () => {
    server = new FakeS3();
    client = new S3Client({
      endpoint: await server.start(),
      forcePathStyle: true,
      region: 'eu-west-2',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    ({ log: remote } = rawBucket(new S3Store(client, server.bucket)));
  });
  afterEach(async () => {
    client.destroy();
    await server.stop();
  });

  test('a commit whose reply was lost is in force', async () => {
    let lost = false;
    server.fault = ({ method }) => {
      if (method !== 'PUT' || lost) return undefined;
      lost = true;
      return 'reply lost';
    };
    expect(await remote.commit(manifest(1, 'a'))).toBe(true);
    expect(lost).toBe(true);
  });

  const openLog = (): Log<RawManifest> => rawBucket(new S3Store(client, server.bucket)).log;

  /** A log of so many versions, as commits leave it. */
  function lengthen(length: number): void {
    server.objects.clear();
    for (let version = 1; version <= length; version++) {
      server.put(manifestKey(version), Buffer.from(''));
      if (version % 1000 === 0) server.put(`log/mark-${String(version).padStart(20, '0')}`, Buffer.from(''));
    }
    server.requests.length = 0;
  }

  test('the head is found in few listings, however long the log', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 6000 }), fc.nat(1500), async (length, behind) => {
        lengthen(length);
        expect(await openLog().head(Math.max(0, length - behind))).toBe(length);
        expect(server.requests.length).toBeLessThanOrEqual(behind < 1000 ? 1 : 4);
        expect(await openLog().head(0, length)).toBe(length);
        server.requests.length = 0;
        expect(await openLog().head()).toBe(length);
        expect(server.requests.length).toBeLessThanOrEqual(4);
        expect(await openLog().head(0, length + 1)).toBe(length);
      }),
      {
        numRuns: 25,
        seed: 7,
        examples: [
          [1000, 1000],
          [999, 999],
          [1001, 1],
          [3000, 0],
          [0, 0],
        ],
      },
    );
  });

  test('the head is found without a mark, if later', async () => {
    lengthen(3500);
    for (const key of server.objects.keys()) if (key.includes('mark')) server.objects.delete(key);
    expect(await openLog().head()).toBe(3500);
  });

  test('each thousandth commit is marked', async () => {
    const marked = openLog();
    for (const version of [999, 1000, 1001]) await marked.commit(manifest(version, 'a'));
    expect([...server.objects.keys()].filter((key) => !key.endsWith('.json'))).toEqual([
      'log/mark-00000000000000001000',
    ]);
  });

  test('what only the caller took for known is not remembered', async () => {
    const log = openLog();
    expect(await log.head(5)).toBe(5);
    await openLog().commit(manifest(1, 'a'));
    expect(await log.head()).toBe(1);
  });

  test('what was seen is not asked for again', async () => {
    const seen = openLog();
    for (const version of [1, 2]) await openLog().commit(manifest(version, 'a'));
    expect(await seen.head()).toBe(2);
    expect(await seen.read(2)).toEqual(manifest(2, 'a'));
    server.requests.length = 0;
    expect([await seen.read(2), seen.newestSeen]).toEqual([manifest(2, 'a'), 2]);
    expect(server.requests).toEqual([]);
  });
});

describe('a log that was rebuilt', () => {
  const commit = (to: Log<RawManifest>, versions: readonly number[], runId: string): Promise<boolean[]> =>
    Promise.all(versions.map((version) => to.commit(manifest(version, runId))));
  const fresh = (): Log<RawManifest> => rawBucket(store).log;

  beforeEach(() => commit(log, [1, 2, 3], 'old'));

  test('is the old one until the new one is published', async () => {
    const next = await log.nextGeneration('r1');
    await commit(next.log, [1, 2], 'new');
    expect([await fresh().head(), (await fresh().read(2)).runId]).toEqual([3, 'old']);
    expect(await next.publish()).toBe(true);
    expect([await fresh().head(), (await fresh().read(2)).runId]).toEqual([2, 'new']);
    expect(await fresh().head(1)).toBe(2);
  });

  test('goes on in its newest generation', async () => {
    for (const [runId, versions] of [
      ['r1', [1, 2]],
      ['r2', [1, 2, 3, 4]],
    ] as const) {
      const next = await fresh().nextGeneration(runId);
      await commit(next.log, versions, runId);
      expect(await next.publish()).toBe(true);
    }
    const newest = fresh();
    expect(await newest.head()).toBe(4);
    expect(await newest.commit(manifest(5, 'later'))).toBe(true);
    expect((await fresh().read(5)).runId).toBe('later');
    expect((await fresh().read(1)).runId).toBe('r2');
  });

  test('has one next generation: of two that were written at once, the first to be published', async () => {
    const [a, b] = [await fresh().nextGeneration('a'), await fresh().nextGeneration('b')];
    await commit(a.log, [1], 'a');
    await commit(b.log, [1], 'b');
    expect([await a.publish(), await b.publish()]).toEqual([true, false]);
    expect((await fresh().read(1)).runId).toBe('a');
  });

  test('is superseded once a newer one is published, for whoever still reads it', async () => {
    const [older, unread] = [fresh(), fresh()];
    await older.head();
    const next = await fresh().nextGeneration('r');
    await commit(next.log, [1], 'new');
    expect(await older.isSuperseded()).toBe(false);
    await next.publish();
    expect(await older.isSuperseded()).toBe(true);
    expect([await next.log.isSuperseded(), await unread.isSuperseded()]).toEqual([false, false]);
  });

  test('may have more manifests than a listing gives at once', async () => {
    const many = rawBucket(new FolderStore(root, 'many')).log;
    for (let version = 1; version <= 1003; version++) await many.commit(manifest(version, 'old'));
    const next = await many.nextGeneration('r');
    await commit(next.log, [1], 'new');
    await next.publish();
    expect(await rawBucket(new FolderStore(root, 'many')).log.head()).toBe(1);
  });
});
