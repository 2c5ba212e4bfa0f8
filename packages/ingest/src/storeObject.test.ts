import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FolderStore, LakeRefused, readVerified } from '@totes/core';
import { storeObject } from './storeObject.ts';

let folder: string;
let store: FolderStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'totes-store-'));
  store = new FolderStore(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const megabyte = 1024 * 1024;

/** Chunks of a megabyte, the nth full of the byte n. */
async function* megabytes(count: number): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < count; n++) yield await Promise.resolve(Buffer.alloc(megabyte, n));
}

test.each([
  ['empty', 0],
  ['small', 2],
  ['exactly at the limit', 4],
  ['large', 9],
])('an %s object is stored whole and recorded as it is', async (key, count) => {
  const stored = await storeObject(store, key, megabytes(count), () => true);
  expect(stored).toMatchObject({ key, bytes: count * megabyte });
  const bytes = await readVerified(store, { ...stored!, rows: 0 });
  expect(Array.from({ length: count }, (_, n) => bytes[n * megabyte])).toEqual([...Array(count).keys()]);
});

test('whether it is wanted is asked after the last byte; a small object that is not is never written', async () => {
  let ended = false;
  async function* body(count: number): AsyncGenerator<Uint8Array> {
    yield* megabytes(count);
    ended = true;
  }
  expect(await storeObject(store, 'unwanted', body(1), () => !ended)).toBeUndefined();
  expect(await store.get('unwanted')).toBeUndefined();
  ended = false;
  expect(await storeObject(store, 'unwanted-large', body(5), () => !ended)).toBeUndefined();
});

test('a write that took effect although its reply was lost is our own', async () => {
  const first = await storeObject(store, 'twice', megabytes(1), () => true);
  expect(await storeObject(store, 'twice', megabytes(1), () => true)).toEqual(first);
});

test('a key that other bytes have is refused, whatever the size', async () => {
  await storeObject(store, 'taken', megabytes(1), () => true);
  for (const count of [2, 5]) {
    await expect(storeObject(store, 'taken', megabytes(count), () => true)).rejects.toThrow(LakeRefused);
  }
  expect(await store.get('taken')).toHaveLength(megabyte);
});

test('a body that fails leaves nothing behind', async () => {
  async function* failing(count: number): AsyncGenerator<Uint8Array> {
    yield* megabytes(count);
    throw new Error('lost');
  }
  for (const count of [1, 5]) {
    await expect(storeObject(store, 'failed', failing(count), () => true)).rejects.toThrow('lost');
  }
  expect(await store.get('failed')).toBeUndefined();
});
