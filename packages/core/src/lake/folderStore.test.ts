import { mkdirSync, writeFileSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LakeRefused, LakeUnavailable } from '../errors.ts';
import { folderFailure } from './folderFailure.ts';
import { FolderStore } from './folderStore.ts';

const nobody = 65534;

/** Runs something without the superuser's right to read and write everything. */
async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid!(nobody);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
  }
}

async function* endless(written: () => Promise<void>): AsyncGenerator<Uint8Array> {
  for (;;) {
    yield Buffer.from('more');
    await written();
  }
}

let root: string;
let store: FolderStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'totes-folder-'));
  if (process.geteuid?.() === 0) await chown(root, nobody, nobody);
  store = new FolderStore(root);
});
afterEach(async () => {
  await chmod(root, 0o755);
  await rm(root, { recursive: true });
});

test('the folder is made by the first write, not before', async () => {
  const folder = join(root, 'deep', 'er');
  const deeper = new FolderStore(folder);
  expect(await deeper.list('')).toEqual([]);
  expect(await readdir(root)).toEqual([]);
  await deeper.putIfAbsent('log/1.json', Buffer.from('x'));
  expect(await readdir(folder)).toEqual(['.tmp', 'log']);
});

test('a relative path is taken from the current folder, once and for all', () => {
  expect(new FolderStore('lake', 'ingestion').uri).toBe(join(process.cwd(), 'lake', 'ingestion'));
});

test('what is being written is not listed, and an unfinished file of a killed writer is not either', async () => {
  mkdirSync(join(root, '.tmp'));
  writeFileSync(join(root, '.tmp', 'left-behind'), 'half');
  const seen: string[][] = [];
  const stop = new Error('enough');
  const body = endless(async () => {
    seen.push(await store.list(''), await readdir(join(root, '.tmp')));
    throw stop;
  });
  await expect(store.upload('part', body)).rejects.toBe(stop);
  expect(seen[0]).toEqual([]);
  expect(seen[1]).toHaveLength(2);
  expect(await readdir(join(root, '.tmp'))).toEqual(['left-behind']);
});

test('an unwritable folder is refused with its path and the reason, on one line', async () => {
  await chmod(root, 0o555);
  const error = await unprivileged(() => store.putIfAbsent('log/1.json', Buffer.from('x'))).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(LakeRefused);
  expect((error as Error).message).toBe(
    `lake ${root} cannot be written: EACCES: permission denied, mkdir '${root}/.tmp': ` +
      'give this user the right to it, or choose another folder',
  );
});

test('an upload to a folder that lost its rights ends its source', async () => {
  await mkdir(join(root, 'raw'), { mode: 0o555 });
  let ended = false;
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      yield await Promise.resolve(Buffer.from('x'));
    } finally {
      ended = true;
    }
  }
  await expect(unprivileged(() => store.upload('raw/part', body()))).rejects.toThrow(/cannot be written: EACCES.*raw/);
  expect(ended).toBe(true);
  expect(await readdir(join(root, '.tmp'))).toEqual([]);
});

test('an unreadable object or folder is refused', async () => {
  await store.putIfAbsent('log/1.json', Buffer.from('x'));
  await chmod(join(root, 'log', '1.json'), 0);
  await chmod(join(root, 'log'), 0o111);
  await unprivileged(async () => {
    await expect(store.get('log/1.json')).rejects.toThrow(/cannot be read: EACCES/);
    await expect(store.stream('log/1.json')[Symbol.asyncIterator]().next()).rejects.toThrow(/cannot be read: EACCES/);
    await expect(store.list('log/')).rejects.toThrow(/cannot be listed: EACCES/);
  });
  await chmod(join(root, 'log'), 0o755);
});

test('a listing of the log reads no other folder', async () => {
  await store.putIfAbsent('log/1.json', Buffer.from('x'));
  await store.putIfAbsent('log/2.json', Buffer.from('x'));
  await store.putIfAbsent('raw/part', Buffer.from('x'));
  await chmod(join(root, 'raw'), 0);
  await unprivileged(async () => {
    expect(await store.list('log/')).toEqual(['log/1.json', 'log/2.json']);
    expect(await store.list('', '', 2)).toEqual(['log/1.json', 'log/2.json']);
    await expect(store.list('')).rejects.toThrow(LakeRefused);
  });
  await chmod(join(root, 'raw'), 0o755);
});

test('a file where a folder should be is refused', async () => {
  await writeFile(join(root, 'lake'), 'a file');
  const inFile = new FolderStore(root, 'lake');
  const reason = 'ENOTDIR: not a directory';
  await expect(inFile.putIfAbsent('log/1.json', Buffer.from('x'))).rejects.toThrow('a file stands where a folder');
  await expect(inFile.get('log/1.json')).rejects.toThrow(reason);
  await expect(inFile.list('log/')).rejects.toThrow(reason);
});

test('links out of the lake are not followed by listings', async () => {
  await store.putIfAbsent('log/1.json', Buffer.from('x'));
  await symlink(root, join(root, 'log', 'round'));
  expect(await store.list('')).toEqual(['log/1.json']);
});

test.each([
  ['EACCES', LakeRefused, 'give this user the right'],
  ['EROFS', LakeRefused, 'choose a folder that can be written'],
  ['ENOSPC', LakeRefused, 'free some space'],
  ['EXDEV', LakeRefused, 'one file system'],
  ['EUNKNOWN', LakeRefused, 'said the disk'],
  ['EIO', LakeUnavailable, 'said the disk'],
  ['EMFILE', LakeUnavailable, 'said the disk'],
])('%s of the file system is a %p', (code, kind, words) => {
  const cause = Object.assign(new Error(`${code}: said the disk, open '/lake/log'`), { code });
  const error = folderFailure('/lake', 'cannot be written', cause);
  expect(error).toBeInstanceOf(kind);
  expect(error.message).toContain(`lake /lake cannot be written: ${code}: said the disk, open '/lake/log'`);
  expect(error.message).toContain(words);
  expect(error.cause).toBe(cause);
});

test('a typed error stays itself', () => {
  const typed = new LakeRefused('no');
  expect(folderFailure('/lake', 'cannot be written', typed)).toBe(typed);
});
