import { fiveDigits, JsonFolder, sha256, type ObjectStore } from '@totes/core';
import type { Totals } from '../totals.ts';
import type { SliceWork } from './factSlice.ts';
import { plainSlice, plainWork, sliceOf, workOf, type PlainSlice, type PlainWork } from './json.ts';
import type { TransformedSlice } from './transformSlice.ts';

/** Of the plan; a release that writes another one raises it. */
const planFormat = 1;

/** A version whose slices are transformed by several processes. */
export interface SlicePlan {
  readonly work: SliceWork;
  /** What the run had done before it came to that version. */
  readonly before: Totals;
}

interface PlainPlan {
  readonly planFormat: number;
  readonly work: PlainWork;
  readonly before: Totals;
}

/**
 * Where the processes meet that transform one version: a folder of the processed bucket with the plan and what became of each
 * slice. Nobody needs it afterwards.
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

  async writePlan({ work, before }: SlicePlan): Promise<void> {
    await this.#objects.put('plan.json', { planFormat, work: plainWork(work), before } satisfies PlainPlan);
    await this.#objects.put('slices.json', [...work.slices.keys()]);
  }

  /** The plan; undefined where another release wrote it, which this one cannot read. Throws LakeCorrupt where there is none. */
  async readPlan(): Promise<SlicePlan | undefined> {
    const plan = await this.#objects.get<PlainPlan>('plan.json');
    return plan.planFormat === planFormat ? { work: workOf(plan.work), before: plan.before } : undefined;
  }

  /**
   * The records of slices of just that work, transformed by just that release. What another release made, or what was made of
   * a state that is not the one before the version any more, has records of its own, which nobody reads.
   */
  recordsOf(work: SliceWork, codeVersion: string): SliceRecords {
    const fingerprint = sha256(Buffer.from(JSON.stringify([codeVersion, plainWork(work)])));
    return new SliceRecords(this.#objects, `done-${fingerprint.slice(0, 16)}-`);
  }
}

/** What became of slices, by their place in the work. */
export class SliceRecords {
  readonly #objects: JsonFolder;
  readonly #prefix: string;

  constructor(objects: JsonFolder, prefix: string) {
    this.#objects = objects;
    this.#prefix = prefix;
  }

  /** The slices that have a record: all, or of those that begin so. */
  async list(): Promise<ReadonlySet<number>> {
    const names = await this.#objects.list(this.#prefix);
    return new Set(names.map((name) => parseInt(name.slice(this.#prefix.length), 10)));
  }

  async read(at: number): Promise<TransformedSlice> {
    return sliceOf(await this.#objects.get<PlainSlice>(this.#name(at)));
  }

  /** The first record of a slice counts; any other says the same. */
  async write(at: number, slice: TransformedSlice): Promise<void> {
    await this.#objects.put(this.#name(at), plainSlice(slice));
  }

  #name(at: number): string {
    return `${this.#prefix}${fiveDigits(at)}.json`;
  }
}
