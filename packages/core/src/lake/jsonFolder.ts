import { LakeCorrupt, messageOf } from '../errors.ts';
import type { ObjectStore } from './objectStore.ts';

/** The most keys that a store lists at once. */
const pageSize = 1000;

/** A run id may stand in a key as it is. */
const folderName = /^slices\/[A-Za-z0-9_.-]{1,100}$/;

/**
 * Where the processes meet that share a large piece of work: a folder `slices/<run id>` of a bucket with JSON objects, which
 * never change. Nobody needs it once the work is done.
 */
export class JsonFolder {
  readonly #store: ObjectStore;
  readonly #folder: string;

  constructor(store: ObjectStore, folder: string) {
    this.#store = store;
    this.#folder = folder;
  }

  /** The key of an object. */
  key(name: string): string {
    return `${this.#folder}/${name}`;
  }

  /** Where an object is, for messages. */
  where(name: string): string {
    return `${this.#store.uri}/${this.key(name)}`;
  }

  /** Writes an object, unless it is there; resolves to whether it was not. Throws LakeUnavailable, LakeRefused. */
  put(name: string, value: unknown): Promise<boolean> {
    return this.#store.putIfAbsent(this.key(name), Buffer.from(JSON.stringify(value)));
  }

  /** The value of an object. Throws LakeCorrupt where it is missing or no JSON, LakeUnavailable, LakeRefused. */
  async get<T>(name: string): Promise<T> {
    const body = await this.#store.get(this.key(name));
    if (body === undefined) throw new LakeCorrupt(`${this.where(name)} is missing, though it was listed or named`);
    try {
      return JSON.parse(Buffer.from(body).toString('utf8')) as T;
    } catch (error) {
      throw new LakeCorrupt(`${this.where(name)} is not JSON: ${messageOf(error)}`, { cause: error });
    }
  }

  /** The names that begin so, in order. */
  async list(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for (let page = [''], after: string | undefined; page.length > 0; after = page.at(-1)) {
      page = await this.#store.list(this.key(prefix), after, pageSize);
      keys.push(...page);
      if (page.length < pageSize) break;
    }
    return keys.map((key) => key.slice(this.#folder.length + 1));
  }
}

/** Whether a value names a folder in which processes may meet: what an event says has to be checked. */
export const isSliceFolder = (value: unknown): value is string => typeof value === 'string' && folderName.test(value);
