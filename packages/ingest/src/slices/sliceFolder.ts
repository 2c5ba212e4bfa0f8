import { fiveDigits, JsonFolder, messageOf, SnapshotLost, type ObjectStore, type RawFormat } from '@totes/core';
import type { OpenLook } from '../look.ts';
import type { SliceRead } from './gather.ts';

/** Of the objects in a folder of slices; a release that writes others raises it. */
const planFormat = 1;

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
  readonly #objects: JsonFolder;

  /** @param folder as `slices/<run id>` */
  constructor(store: ObjectStore, folder: string) {
    this.#objects = new JsonFolder(store, folder);
  }

  /** The object that lists the slices by number, for the Distributed Map. */
  get items(): string {
    return this.#objects.key('slices.json');
  }

  /** Throws SnapshotLost where there is a plan already, which is that of another snapshot. */
  async writePlan(plan: SlicePlan): Promise<void> {
    const isNew = await this.#objects.put('plan.json', { planFormat, ...plan });
    if (!isNew)
      throw new SnapshotLost(`${this.#objects.where('plan.json')} is there already: all has to be looked at again`);
    await this.#objects.put('slices.json', [...plan.look.slices.keys()]);
  }

  /** Throws SnapshotLost where another release wrote it. */
  async readPlan(): Promise<SlicePlan> {
    const plan = await this.#objects.get<SlicePlan & { readonly planFormat: number }>('plan.json');
    if (plan.planFormat === planFormat) return plan;
    throw new SnapshotLost(`${this.#objects.where('plan.json')} is of another release: all has to be looked at again`);
  }

  /** Tells what became of the look so far. */
  async state(): Promise<'not planned' | 'planned' | 'ended'> {
    const has = async (name: string): Promise<boolean> => (await this.#objects.list(name)).length > 0;
    if (await has('end.json')) return 'ended';
    return (await has('slices.json')) ? 'planned' : 'not planned';
  }

  /** Ends the look: who keeps its snapshot lets go of it. */
  async end(): Promise<void> {
    await this.#objects.put('end.json', {});
  }

  /** Records what a slice brought. The first record of a slice counts: what a later attempt wrote is nobody's. */
  async recordRead(number: number, read: SliceRead): Promise<void> {
    await this.#objects.put(`read-${fiveDigits(number)}.json`, read);
  }

  /** What a slice brought, where that was recorded. */
  async read(number: number): Promise<SliceRead | undefined> {
    const [name] = await this.#objects.list(`read-${fiveDigits(number)}.json`);
    return name === undefined ? undefined : this.#objects.get<SliceRead>(name);
  }

  /** What the slices brought, as far as that was recorded. */
  async allRead(): Promise<SliceRead[]> {
    const names = await this.#objects.list('read-');
    const all: SliceRead[] = [];
    for (let at = 0; at < names.length; at += requests) {
      const reads = names.slice(at, at + requests).map((name) => this.#objects.get<SliceRead>(name));
      all.push(...(await Promise.all(reads)));
    }
    return all;
  }

  /** Records why an attempt at a slice failed. */
  async recordFailure(number: number, attempt: string, error: unknown): Promise<void> {
    const Error = error instanceof globalThis.Error ? error.name : typeof error;
    const Cause = JSON.stringify({ errorType: Error, errorMessage: messageOf(error) });
    await this.#objects.put(`failed-${fiveDigits(number)}-${attempt}.json`, { Error, Cause });
  }

  /** Why attempts failed at slices that were not read by a later attempt either. */
  async failures(): Promise<Failure[]> {
    const read = new Set((await this.#objects.list('read-')).map((name) => /read-(\d+)/.exec(name)?.[1]));
    const names = (await this.#objects.list('failed-')).filter((name) => !read.has(/failed-(\d+)/.exec(name)?.[1]));
    return Promise.all(names.slice(0, requests).map((name) => this.#objects.get<Failure>(name)));
  }
}
