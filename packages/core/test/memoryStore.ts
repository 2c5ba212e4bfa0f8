import { LakeCorrupt, LakeRefused, type ObjectStore } from '../src/index.ts';

/** An object store in memory, for tests of what stands above the port, which may alter it and watch it. */
export class MemoryStore implements ObjectStore {
  readonly uri: string;
  readonly objects = new Map<string, Uint8Array>();
  /** The calls that read, for tests about what a run costs. */
  readonly calls: string[] = [];
  /** Called before an object is read. */
  beforeGet: (key: string) => Promise<void> | void = () => undefined;
  /** Called before keys are listed. */
  beforeList: (prefix: string) => Promise<void> | void = () => undefined;

  constructor(uri = 'memory:') {
    this.uri = uri;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.calls.push(`get ${key}`);
    await this.beforeGet(key);
    return this.objects.get(key);
  }

  async *stream(key: string): AsyncGenerator<Uint8Array> {
    const body = await this.get(key);
    if (body === undefined) throw new LakeCorrupt(`${this.uri}/${key} is missing`);
    yield body;
  }

  putIfAbsent(key: string, body: Uint8Array): Promise<boolean> {
    if (this.objects.has(key)) return Promise.resolve(false);
    this.objects.set(key, Uint8Array.from(body));
    return Promise.resolve(true);
  }

  async upload(key: string, body: AsyncIterable<Uint8Array>): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    if (!(await this.putIfAbsent(key, Buffer.concat(chunks)))) throw new LakeRefused(`${this.uri}/${key} is taken`);
  }

  async list(prefix: string, after = '', limit = 1000): Promise<string[]> {
    this.calls.push(`list ${prefix}`);
    await this.beforeList(prefix);
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    return keys.slice(0, limit);
  }
}
