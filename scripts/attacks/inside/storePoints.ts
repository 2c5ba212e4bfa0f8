import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import * as core from '../../../packages/core/src/index.ts';
import { point } from './points.ts';

/** Methods of the object store's port that cannot write; any other is taken for one that can. */
const readers = new Set(['constructor', 'get', 'stream', 'list']);

type Method = (this: core.ObjectStore, key: string, ...rest: readonly unknown[]) => Promise<unknown>;

/** Makes points of every writing method of every store that core exports, and of what gives a file its name. */
export function watchStores(): void {
  for (const exported of Object.values<unknown>({ ...core })) {
    if (typeof exported !== 'function') continue;
    const prototype = exported.prototype as Record<string, Method> | undefined;
    if (prototype?.putIfAbsent === undefined) continue;
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (!readers.has(name)) prototype[name] = watched(name, prototype[name]!);
    }
  }
  watchLink();
}

function watched(name: string, method: Method): Method {
  return async function (key, ...rest) {
    const label = `${name} ${basename(this.uri)}/${key.split('/')[0]!}`;
    point(`${label}, before`);
    const result = await method.call(this, key, ...rest.map((each) => (isStream(each) ? halfway(each, label) : each)));
    point(`${label}, after`);
    return result;
  };
}

const isStream = (value: unknown): value is AsyncIterable<Uint8Array> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

async function* halfway(chunks: AsyncIterable<Uint8Array>, label: string): AsyncGenerator<Uint8Array> {
  let first = true;
  for await (const chunk of chunks) {
    yield chunk;
    // The next chunk is asked for once this one is written.
    if (first) point(`${label}, first chunk written`);
    first = false;
  }
}

/** A folder's object is written whole under another name and becomes visible by a link. */
function watchLink(): void {
  const { link } = fs.promises;
  fs.promises.link = async (from, to) => {
    const place = /(ingestion|processed)\/[^/]+/.exec(String(to))?.[0] ?? 'elsewhere';
    point(`link ${place}, before`);
    await link(from, to);
    point(`link ${place}, after`);
  };
  syncBuiltinESMExports();
}
