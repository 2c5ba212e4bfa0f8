import { createHash } from 'node:crypto';
import { LakeRefused, sha256, type ObjectRef, type ObjectStore } from '@totes/core';

/** Below this an object is one request, and dropping it costs none; several such bodies are still little memory. */
const bufferedBytes = 4 * 1024 * 1024;

/**
 * Writes an object of unknown length. A small one is held until its end and then written whole, if it is wanted then;
 * a larger one is written as it arrives, and is an orphan where it proves not to be wanted.
 *
 * @param isWanted asked once, after the last byte
 * @returns what to record of the object, undefined where it was not wanted
 * @throws LakeRefused where the key is taken by other bytes; LakeUnavailable
 */
export async function storeObject(
  store: ObjectStore,
  key: string,
  body: AsyncIterable<Uint8Array>,
  isWanted: () => boolean,
): Promise<Omit<ObjectRef, 'rows'> | undefined> {
  const chunks = body[Symbol.asyncIterator]();
  const { held, ended } = await hold(chunks);
  const stored = ended ? Buffer.concat(held) : new Measured(held, chunks);
  if (stored instanceof Measured) await store.upload(key, stored);
  if (!isWanted()) return undefined;
  if (stored instanceof Measured) return { key, bytes: stored.bytes, sha256: stored.sha256() };
  await putOnce(store, key, stored);
  return { key, bytes: stored.length, sha256: sha256(stored) };
}

async function hold(chunks: AsyncIterator<Uint8Array>): Promise<{ held: Uint8Array[]; ended: boolean }> {
  const held: Uint8Array[] = [];
  for (let bytes = 0; bytes < bufferedBytes;) {
    const next = await chunks.next();
    if (next.done === true) return { held, ended: true };
    held.push(next.value);
    bytes += next.value.length;
  }
  return { held, ended: false };
}

/** A key that is taken may be our own write, whose reply was lost. */
async function putOnce(store: ObjectStore, key: string, body: Uint8Array): Promise<void> {
  if (await store.putIfAbsent(key, body)) return;
  const there = await store.get(key);
  if (there !== undefined && sha256(there) === sha256(body)) return;
  throw new LakeRefused(`${store.uri}/${key} is taken by other rows: every run needs a run id of its own`);
}

/** The chunks held and those to come, counted and hashed as they pass. */
class Measured implements AsyncIterable<Uint8Array> {
  bytes = 0;
  readonly #hash = createHash('sha256');
  readonly #held: Uint8Array[];
  readonly #rest: AsyncIterator<Uint8Array>;

  constructor(held: Uint8Array[], rest: AsyncIterator<Uint8Array>) {
    this.#held = held;
    this.#rest = rest;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let chunk = this.#held.shift(); chunk !== undefined; chunk = this.#held.shift()) yield this.#measure(chunk);
    for (let next = await this.#rest.next(); next.done !== true; next = await this.#rest.next()) {
      yield this.#measure(next.value);
    }
  }

  sha256(): string {
    return this.#hash.digest('hex');
  }

  #measure(chunk: Uint8Array): Uint8Array {
    this.bytes += chunk.length;
    this.#hash.update(chunk);
    return chunk;
  }
}
