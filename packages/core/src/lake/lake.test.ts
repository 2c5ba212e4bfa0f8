import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LakeCorrupt } from '../errors.ts';
import { FolderStore } from './folderStore.ts';
import { readVerified, streamVerified, writeContent } from './lake.ts';
import { sha256 } from './sha256.ts';
import type { ObjectRef } from './manifest.ts';

const content = Buffer.from("1,Maureen O'Neill\n");
let root: string;
let store: FolderStore;
let ref: ObjectRef;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'totes-objects-'));
  store = new FolderStore(root);
  ref = await writeContent(store, { folder: 'raw/staff', name: 'part-00000', extension: 'csv', rows: 1 }, content);
});
afterEach(() => rm(root, { recursive: true }));

const streamed = async (object: ObjectRef): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of streamVerified(store, object)) chunks.push(chunk);
  return Buffer.concat(chunks);
};

test('an object is named after its content and recorded with its size and checksum', async () => {
  const digest = sha256(content);
  expect(ref).toEqual({
    key: `raw/staff/part-00000-${digest.slice(0, 12)}.csv`,
    rows: 1,
    bytes: content.length,
    sha256: digest,
  });
  expect(Buffer.from(await readVerified(store, ref))).toEqual(content);
  expect(await streamed(ref)).toEqual(content);
});

test('the same content written again is the same object', async () => {
  const again = { folder: 'raw/staff', name: 'part-00000', extension: 'csv', rows: 1 };
  expect(await writeContent(store, again, content)).toEqual(ref);
  expect(await store.list('')).toEqual([ref.key]);
});

test.each([
  ['altered', Buffer.from("2,Maureen O'Neill\n")],
  ['cut short', content.subarray(1)],
  ['emptied', Buffer.alloc(0)],
])('an object that was %s is not accepted', async (_, found) => {
  await writeFile(join(root, ref.key), found);
  const message =
    `${root}/${ref.key} has ${found.length} bytes and sha256 ${sha256(found)}; its manifest says ${ref.bytes} bytes and ` +
    `${ref.sha256}: restore the object from its bucket version or a copy`;
  await expect(readVerified(store, ref)).rejects.toThrow(new LakeCorrupt(message));
  await expect(streamed(ref)).rejects.toThrow(new LakeCorrupt(message));
});

test('an object that is missing is said to be', async () => {
  await rm(join(root, ref.key));
  await expect(readVerified(store, ref)).rejects.toThrow(`${root}/${ref.key} is missing, though a manifest names it`);
  await expect(streamed(ref)).rejects.toThrow(LakeCorrupt);
});
