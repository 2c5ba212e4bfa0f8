import { LakeCorrupt, ManifestUnsupported, messageOf } from '../errors.ts';
import { fiveDigits } from './fiveDigits.ts';
import { manifestFormat, type LogEntry } from './manifest.ts';
import type { ObjectStore } from './objectStore.ts';
import { isIntact, sealed } from './seal.ts';

const pageSize = 1000;
const root = 'log/';
const manifestName = /^(\d{20})\.json$/;
const ofOtherGenerations = /^(generation-\d{5}\.json$|rebuilt-)/;
const markName = /^mark-(\d{20})$/;

/** The format of manifests that were not sealed yet. */
const unsealedFormat = 1;

const restoreIt = 'restore it from its bucket version or a copy';

const generationKey = (number: number): string => `${root}generation-${fiveDigits(number)}.json`;
const generationOf = (key: string): number => Number(/(\d+)\.json$/.exec(key)?.[1]);

/** A version's key in the folder of its log. Twenty digits, so that keys sort as versions do. */
export const manifestKey = (version: number, folder = root): string =>
  `${folder}${String(version).padStart(20, '0')}.json`;

/** The key that says, for whoever looks for the newest version, that there is this one: each thousandth has it. */
const markKey = (version: number, folder: string): string => `${folder}mark-${String(version).padStart(20, '0')}`;

/** A log that is written anew beside the one in force, and takes its place when it is published. */
export interface Generation<M extends LogEntry> {
  readonly log: Log<M>;
  /**
   * Puts it in force, for all who look from now on. Resolves to false where another took its place first. A write that
   * took effect although its reply was lost counts as ours.
   */
  publish(): Promise<boolean>;
}

/**
 * A numbered, append-only log. Version N exists iff its manifest exists; manifests are written put-if-absent and
 * without gaps, so two writers race for N+1 and one wins. This is how Delta Lake commits.
 *
 * A log that was rebuilt has generations: the first one's manifests stand in `log/`, those of a later one in a folder
 * that `log/generation-<number>.json` names. That sorts after all manifests, so a look at the head sees it for nothing.
 */
export class Log<M extends LogEntry> {
  readonly #store: ObjectStore;
  readonly #kind: M['kind'];
  #folder: string;
  #generation: number | undefined;
  /** The newest version seen so far. */
  #newest = 0;
  /** The manifest read or written last: one stage after the other asks for it, and none ever changes. */
  #manifest: M | undefined;

  /**
   * @param folder where its manifests are; only a log in `log/` has generations
   * @param generation the number of the one that is in that folder
   */
  constructor(store: ObjectStore, kind: M['kind'], folder = root, generation?: number) {
    this.#store = store;
    this.#kind = kind;
    this.#folder = folder;
    this.#generation = generation ?? (folder === root ? undefined : 1);
  }

  /** The newest version that this object has come by, 0 for none. Costs nothing; there may be newer ones. */
  get newestSeen(): number {
    return this.#newest;
  }

  /**
   * The newest version, 0 for an empty log. Costs one listing up to a thousand versions past what is known, three beyond
   * that; of a log that was rebuilt, two requests more at first. Throws LakeCorrupt where a foreign object stands in the
   * log.
   *
   * @param known a version that the caller knows to exist
   * @param likely one that may well be the newest: where it exists, the search begins there
   */
  async head(known = 0, likely = 0): Promise<number> {
    let scanned = await this.#scan(Math.max(known, this.#newest), likely);
    if (this.#generation === undefined) {
      this.#generation = 1;
      if (scanned.hasOthers && (await this.#enterGeneration())) scanned = await this.#scan(known, likely);
    }
    // Not what the caller knows: it may be mistaken.
    this.#newest = Math.max(this.#newest, scanned.seen);
    return scanned.newest;
  }

  /** Whether a newer generation is in force than the one that is read here. Costs a listing. */
  async isSuperseded(): Promise<boolean> {
    if (this.#generation === undefined) return false;
    const newest = (await this.#store.list(`${root}generation-`)).at(-1);
    return newest !== undefined && generationOf(newest) > this.#generation;
  }

  /** Begins a log that may take this one's place, from version 1. `runId` keeps it apart from another's attempt. */
  async nextGeneration(runId: string): Promise<Generation<M>> {
    await this.head();
    const number = this.#generation! + 1;
    const folder = `${root}rebuilt-${fiveDigits(number)}-${runId}/`;
    const key = generationKey(number);
    const pointer = sealed({ format: manifestFormat, kind: 'generation', folder });
    return {
      log: new Log<M>(this.#store, this.#kind, folder, number),
      publish: async () => {
        if (await this.#store.putIfAbsent(key, pointer)) return true;
        const inForce = await this.#store.get(key);
        return inForce !== undefined && pointer.equals(inForce);
      },
    };
  }

  /** The newest manifest from `known` on, the newest listed, and whether anything but this generation's own follows. */
  async #scan(known: number, likely: number): Promise<{ newest: number; seen: number; hasOthers: boolean }> {
    const near = likely > known ? await this.#page(likely - 1) : undefined;
    const isThere = near?.versions[0] === likely;
    let newest = isThere ? likely : known;
    let seen = 0;
    for (let isFirst = true; ; isFirst = false) {
      const { versions, hasOthers, isFull } = isThere && isFirst ? near : await this.#page(newest);
      seen = versions.at(-1) ?? seen;
      newest = versions.at(-1) ?? newest;
      if (!isFull) return { newest, seen, hasOthers };
      // Far behind: a mark is at most a thousand versions before the newest, unless its write was lost.
      if (isFirst) newest = Math.max(newest, await this.#newestMark());
    }
  }

  /** The manifests that follow a version, the first thousand of them. */
  async #page(after: number): Promise<{ versions: number[]; hasOthers: boolean; isFull: boolean }> {
    const page = await this.#store.list(this.#folder, manifestKey(after, this.#folder), pageSize);
    const names = page.map((key) => key.slice(this.#folder.length)).filter((name) => !markName.test(name));
    const versions = names.map((name) => this.#versionOf(name)).filter((version) => version !== undefined);
    return { versions, hasOthers: names.length > versions.length, isFull: versions.length === pageSize };
  }

  async #newestMark(): Promise<number> {
    const marks = await this.#store.list(`${this.#folder}mark-`);
    return Number(markName.exec(marks.at(-1)?.slice(this.#folder.length) ?? '')?.[1] ?? 0);
  }

  /** Goes over to the newest generation that was published, if there is one. */
  async #enterGeneration(): Promise<boolean> {
    const key = (await this.#store.list(`${root}generation-`)).at(-1);
    const body = key === undefined ? undefined : await this.#store.get(key);
    if (key === undefined || body === undefined) return false;
    const pointer = this.#parse(key, body) as { folder?: string };
    this.#generation = generationOf(key);
    if (pointer.folder === undefined) throw new LakeCorrupt(`${this.#store.uri}/${key} names no folder`);
    this.#folder = pointer.folder;
    return true;
  }

  /** The manifest of a version. Throws LakeCorrupt where it is absent or unreadable, ManifestUnsupported for a newer format. */
  async read(version: number): Promise<M> {
    if (this.#manifest?.version === version) return this.#manifest;
    const manifest = await this.#find(version);
    if (manifest === undefined) {
      throw new LakeCorrupt(`${this.#where(version)} is missing, though later versions or a caller name it`);
    }
    this.#remember(manifest);
    return manifest;
  }

  /**
   * Commits a manifest as its version. Resolves to true when it is in force, false when another run's manifest has
   * taken the number: start again from the new head. A write that took effect although its reply was lost counts as ours.
   */
  async commit(manifest: M): Promise<boolean> {
    const { version } = manifest;
    const isNew = await this.#store.putIfAbsent(manifestKey(version, this.#folder), sealed(manifest));
    if (!isNew && (await this.read(version)).runId !== manifest.runId) return false;
    this.#remember(manifest);
    if (version % pageSize === 0) await this.#store.putIfAbsent(markKey(version, this.#folder), Buffer.alloc(0));
    return true;
  }

  #remember(manifest: M): void {
    this.#manifest = manifest;
    this.#newest = Math.max(this.#newest, manifest.version);
  }

  async #find(version: number): Promise<M | undefined> {
    if (this.#generation === undefined) await this.head(version - 1);
    const key = manifestKey(version, this.#folder);
    const body = await this.#store.get(key);
    if (body === undefined) return undefined;
    const manifest = this.#parse(key, body) as M;
    if (manifest.kind !== this.#kind || manifest.version !== version) {
      throw new LakeCorrupt(
        `${this.#where(version)} says it is ${manifest.kind} version ${manifest.version}, expected ${this.#kind} version ${version}`,
      );
    }
    return manifest;
  }

  /** What a document of the log says, its seal left out. */
  #parse(key: string, body: Uint8Array): object {
    const where = `${this.#store.uri}/${key}`;
    const intact = isIntact(body);
    if (intact === false) throw new LakeCorrupt(`${where} does not have the sha256 that it ends with: ${restoreIt}`);
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(body).toString('utf8'));
    } catch (error) {
      throw new LakeCorrupt(`${where} is not JSON: ${messageOf(error)}`, { cause: error });
    }
    if (typeof value !== 'object' || value === null) throw new LakeCorrupt(`${where} is not a manifest`);
    const document = value as { sha256?: string; format?: number };
    delete document.sha256;
    this.#refuseNewer(key, document.format);
    if (intact === undefined && document.format !== unsealedFormat)
      throw new LakeCorrupt(`${where} lacks the sha256 at its end: ${restoreIt}`);
    return document;
  }

  #refuseNewer(key: string, format: number | undefined): void {
    if (format !== undefined && format <= manifestFormat) return;
    throw new ManifestUnsupported(
      `${this.#store.uri}/${key} has format ${String(format)}; this release reads up to ${manifestFormat}: upgrade it`,
    );
  }

  /** The version of a manifest's name; undefined for what belongs to other generations. */
  #versionOf(name: string): number | undefined {
    const digits = manifestName.exec(name)?.[1];
    if (digits !== undefined) return Number(digits);
    if (this.#folder === root && ofOtherGenerations.test(name)) return undefined;
    throw new LakeCorrupt(`${this.#store.uri}/${this.#folder}${name} is not a manifest: remove it`);
  }

  #where(version: number): string {
    return `${this.#store.uri}/${manifestKey(version, this.#folder)}`;
  }
}
