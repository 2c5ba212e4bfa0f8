import { randomUUID } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LakeCorrupt, LakeRefused } from '../errors.ts';
import { codeOf } from '../networkFault.ts';
import { folderFailure } from './folderFailure.ts';
import { checkedKey, checkedPrefix, compareKeys, folderOf } from './key.ts';
import type { ObjectStore } from './objectStore.ts';

const temporary = '.tmp';

/** Few calls for a large object, small beside what a reader of it holds. */
const readBytes = 1024 * 1024;

/** ENOENT: no such file. EISDIR: the key is that of a folder. */
const isMissing = (error: unknown): boolean => ['ENOENT', 'EISDIR'].includes(codeOf(error) ?? '');

/**
 * A lake in a folder. An object is written to a temporary file and gets its name by link(2), which is atomic and fails
 * where the name is taken; the file and the folders that name it are flushed to the disk before a write counts. The
 * folder is made when the first object is written.
 */
export class FolderStore implements ObjectStore {
  readonly uri: string;

  constructor(...path: readonly string[]) {
    this.uri = resolve(...path);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#path(key));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw folderFailure(this.uri, 'cannot be read', error);
    }
  }

  async *stream(key: string): AsyncGenerator<Uint8Array> {
    const file = createReadStream(this.#path(key), { highWaterMark: readBytes });
    try {
      yield* file as AsyncIterable<Uint8Array>;
    } catch (error) {
      if (isMissing(error)) throw new LakeCorrupt(`${this.uri}/${key} is missing, though a manifest names it`);
      throw folderFailure(this.uri, 'cannot be read', error);
    }
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<boolean> {
    return this.#create(key, (file) => this.#write(file, body));
  }

  async upload(key: string, body: AsyncIterable<Uint8Array>): Promise<void> {
    const created = await this.#create(key, async (file) => {
      for await (const chunk of body) await this.#write(file, chunk);
    });
    if (!created) throw new LakeRefused(`${this.uri}/${key} exists already; objects of the lake are never replaced`);
  }

  async list(prefix: string, after = '', limit = 1000): Promise<string[]> {
    const folder = folderOf(checkedPrefix(this.uri, prefix));
    const keys: string[] = [];
    for await (const key of this.#walk(folder === '' ? '' : `${folder}/`, prefix, after)) {
      if (keys.push(key) >= limit) break;
    }
    return keys;
  }

  #path(key: string): string {
    return join(this.uri, checkedKey(this.uri, key));
  }

  /** Makes an object of what `fill` writes. Resolves to false where the key is taken; an error of `fill` goes through. */
  async #create(key: string, fill: (file: FileHandle) => Promise<void>): Promise<boolean> {
    const path = this.#path(key);
    const draft = join(this.uri, temporary, randomUUID());
    const file = await this.#writing(async () => {
      await makeFolder(dirname(draft));
      return open(draft, 'wx');
    });
    try {
      try {
        await fill(file);
        await this.#writing(() => file.sync());
      } finally {
        await file.close();
      }
      return await this.#writing(() => publish(draft, path));
    } finally {
      await this.#writing(() => rm(draft, { force: true }));
    }
  }

  /** Writes at the end of what the file has so far. */
  #write(file: FileHandle, bytes: Uint8Array): Promise<void> {
    return this.#writing(() => file.writeFile(bytes));
  }

  async #writing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw folderFailure(this.uri, 'cannot be written', error);
    }
  }

  /** The keys in a folder (its key with a "/" at the end, or nothing) in byte order; only folders that matter are read. */
  async *#walk(folder: string, prefix: string, after: string): AsyncGenerator<string> {
    const wanted = (await this.#entries(folder))
      .map((entry) => (entry.isDirectory() ? `${folder}${entry.name}/` : `${folder}${entry.name}`))
      .filter((key) => key !== `${temporary}/` && key.startsWith(prefix))
      // A folder sorts before keys that it holds, so one that sorts before `after` matters only where it may hold that.
      .filter((key) => compareKeys(key, after) > 0 || (key.endsWith('/') && after.startsWith(key)))
      .sort(compareKeys);
    for (const key of wanted) {
      if (key.endsWith('/')) yield* this.#walk(key, prefix, after);
      else yield key;
    }
  }

  async #entries(folder: string): Promise<Dirent[]> {
    try {
      const entries = await readdir(join(this.uri, folder), { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory() || entry.isFile());
    } catch (error) {
      if (isMissing(error)) return [];
      throw folderFailure(this.uri, 'cannot be listed', error);
    }
  }
}

/** Gives a finished file its name. Resolves to false where the name is taken. */
async function publish(draft: string, path: string): Promise<boolean> {
  await makeFolder(dirname(path));
  try {
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  await flush(dirname(path));
  return true;
}

/** Not by mkdir's own recursion, which never ends where a file system makes no folders at all, as /proc does. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    if (codeOf(error) !== 'ENOENT') throw error;
    await makeFolder(dirname(folder));
    await mkdir(folder).catch(unlessTaken);
  }
  // A new folder survives a power cut once the folder around it is flushed.
  await flush(dirname(folder));
}

function unlessTaken(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error;
}

async function flush(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
