import { LakeCorrupt, type ObjectStore } from '@totes/core';

/** An object store in memory, which a test may alter, and watch while it is read. */
export class MemoryStore implements ObjectStore {
  readonly uri = 'memory://processed';
  readonly objects = new Map<string, Uint8Array>();
  /** The calls made, for tests about what a run costs. */
  readonly calls: string[] = [];
  /** Called before an object is read. */
  beforeGet: (key: string) => Promise<void> | void = () => undefined;

  async get(key: string): Promise<Uint8Array | undefined> {
    this.calls.push(`get ${key}`);
    await this.beforeGet(key);
    return this.objects.get(key);
  }

  async *stream(key: string): AsyncGenerator<Uint8Array> {
    const body = await this.get(key);
    if (body === undefined) throw new LakeCorrupt(`${key} is missing`);
    yield body;
  }

  putIfAbsent(key: string, body: Uint8Array): Promise<boolean> {
    if (this.objects.has(key)) return Promise.resolve(false);
    this.objects.set(key, body);
    return Promise.resolve(true);
  }

  async upload(key: string, body: AsyncIterable<Uint8Array>): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    await this.putIfAbsent(key, Buffer.concat(chunks));
  }

  list(prefix: string, after = '', limit = 1000): Promise<string[]> {
    this.calls.push(`list ${prefix}`);
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after);
    return Promise.resolve(keys.sort().slice(0, limit));
  }
}
