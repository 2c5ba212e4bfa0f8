import { LakeCorrupt, messageOf, SnapshotLost, type ObjectStore, type RawFormat } from '@totes/core';
import type { OpenLook } from '../look.ts';
import { fiveDigits } from '../objectKey.ts';
import type { SliceRead } from './gather.ts';

/** Of the objects in a folder of slices; a release that writes others raises it. */
const planFormat = 1;

/** The most keys that a store lists at once. */
const pageSize = 1000;

/** How many objects are asked for at once. */
const requests = 16;

/** A look whose slices are read by several processes. */
export interface SlicePlan {
  /** The run that plans it, and commits it. */
  readonly runId: string;
  /** The version that it follows, 0 where there is none. */
  readonly head: number;
  /** When it was taken, ISO 8601. */
  readonly at: string;
  readonly schema: string;
  readonly format: RawFormat;
  /** What the source calls the snapshot. */
  readonly snapshot: string;
  readonly look: OpenLook;
}

/** An error as the state machine tells of it. */
export interface Failure {
  readonly Error: string;
  readonly Cause: string;
}

/**
 * Where the processes that read one look meet: a folder of the raw bucket with the plan, what became of each slice, and
 * whether the look has ended. Nobody needs it afterwards.
 */
export class SliceFolder {
  readonly #store: ObjectStore;
  readonly #folder: string;

  /** @param folder as `slices/<run id>` */
  constructor(store: ObjectStore, folder: string) {
    this.#store = store;
    this.#folder = folder;
  }

  /** The object that lists the slices by number, for the Distributed Map. */
  get items(): string {
    return `${this.#folder}/slices.json`;
  }

  /** Throws SnapshotLost where there is a plan already, which is that of another snapshot. */
  async writePlan(plan: SlicePlan): Promise<void> {
    const isNew = await this.#put('plan.json', { planFormat, ...plan });
    if (!isNew) throw new SnapshotLost(`${this.#where('plan.json')} is there already: all has to be looked at again`);
    await this.#put('slices.json', [...plan.look.slices.keys()]);
  }

  /** Throws SnapshotLost where another release wrote it. */
  async readPlan(): Promise<SlicePlan> {
    const plan = await this.#get<SlicePlan & { readonly planFormat: number }>(`${this.#folder}/plan.json`);
    if (plan.planFormat === planFormat) return plan;
    throw new SnapshotLost(`${this.#where('plan.json')} is of another release: all has to be looked at again`);
  }

  /** Tells what became of the look so far. */
  async state(): Promise<'not planned' | 'planned' | 'ended'> {
    const has = async (name: string): Promise<boolean> => (await this.#list(name)).length > 0;
    if (await has('end.json')) return 'ended';
    return (await has('slices.json')) ? 'planned' : 'not planned';
  }

  /** Ends the look: who keeps its snapshot lets go of it. */
  async end(): Promise<void> {
    await this.#put('end.json', {});
  }

  /** Records what a slice brought. The first record of a slice counts: what a later attempt wrote is nobody's. */
  async recordRead(number: number, read: SliceRead): Promise<void> {
    await this.#put(`read-${fiveDigits(number)}.json`, read);
  }

  /** What a slice brought, where that was recorded. */
  async read(number: number): Promise<SliceRead | undefined> {
    const [key] = await this.#list(`read-${fiveDigits(number)}.json`);
    return key === undefined ? undefined : this.#get<SliceRead>(key);
  }

  /** What the slices brought, as far as that was recorded. */
  async allRead(): Promise<SliceRead[]> {
    const keys = await this.#list('read-');
    const all: SliceRead[] = [];
    for (let at = 0; at < keys.length; at += requests) {
      all.push(...(await Promise.all(keys.slice(at, at + requests).map((key) => this.#get<SliceRead>(key)))));
    }
    return all;
  }

  /** Records why an attempt at a slice failed. */
  async recordFailure(number: number, attempt: string, error: unknown): Promise<void> {
    const Error = error instanceof globalThis.Error ? error.name : typeof error;
    const Cause = JSON.stringify({ errorType: Error, errorMessage: messageOf(error) });
    await this.#put(`failed-${fiveDigits(number)}-${attempt}.json`, { Error, Cause });
  }

  /** Why attempts failed at slices that were not read by a later attempt either. */
  async failures(): Promise<Failure[]> {
    const read = new Set((await this.#list('read-')).map((key) => /read-(\d+)/.exec(key)?.[1]));
    const keys = (await this.#list('failed-')).filter((key) => !read.has(/failed-(\d+)/.exec(key)?.[1]));
    return Promise.all(keys.slice(0, requests).map((key) => this.#get<Failure>(key)));
  }

  async #list(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for (let page = [''], after: string | undefined; page.length > 0; after = page.at(-1)) {
      page = await this.#store.list(`${this.#folder}/${prefix}`, after, pageSize);
      keys.push(...page);
      if (page.length < pageSize) break;
    }
    return keys;
  }

  #put(name: string, value: unknown): Promise<boolean> {
    return this.#store.putIfAbsent(`${this.#folder}/${name}`, Buffer.from(JSON.stringify(value)));
  }

  async #get<T>(key: string): Promise<T> {
    const body = await this.#store.get(key);
    if (body === undefined)
      throw new LakeCorrupt(`${this.#store.uri}/${key} is missing, though it was listed or named`);
    try {
      return JSON.parse(Buffer.from(body).toString('utf8')) as T;
    } catch (error) {
      throw new LakeCorrupt(`${this.#store.uri}/${key} is not JSON: ${messageOf(error)}`, { cause: error });
    }
  }

  #where(name: string): string {
    return `${this.#store.uri}/${this.#folder}/${name}`;
  }
}
