import { LakeCorrupt, ManifestUnsupported, messageOf } from '../errors.ts';
import { manifestFormat, type ProcessedManifest, type RawManifest } from './manifest.ts';
import type { ObjectStore } from './objectStore.ts';

const pageSize = 1000;
const prefix = 'log/';

/** The key of a version's manifest. Twenty digits, so that keys sort as versions do. */
export const manifestKey = (version: number): string => `${prefix}${String(version).padStart(20, '0')}.json`;

/**
 * A numbered, append-only log. Version N exists iff its manifest exists; manifests are written put-if-absent and
 * without gaps, so two writers race for N+1 and one wins. This is how Delta Lake commits.
 */
export class Log<M extends RawManifest | ProcessedManifest> {
  readonly #store: ObjectStore;
  readonly #kind: M['kind'];

  constructor(store: ObjectStore, kind: M['kind']) {
    this.#store = store;
    this.#kind = kind;
  }

  /**
   * The newest version, 0 for an empty log. Costs one listing up to a thousand versions past `known` (a version that
   * the caller knows to exist), and a number of listings that grows with the logarithm beyond it. Throws LakeCorrupt
   * where a foreign object stands in the log.
   */
  async head(known = 0): Promise<number> {
    let newest = known;
    let upper = Infinity;
    let step = 0;
    while (newest < upper) {
      const probe = upper === Infinity ? newest + step : Math.floor((newest + upper) / 2);
      const page = await this.#store.list(prefix, manifestKey(probe), pageSize);
      const last = page.at(-1);
      if (last === undefined) {
        upper = probe;
      } else {
        newest = this.#versionOf(last);
        if (page.length < pageSize) return newest;
        step = step * 2 || pageSize;
      }
    }
    return newest;
  }

  /** The manifest of a version. Throws LakeCorrupt where it is absent or unreadable, ManifestUnsupported for a newer format. */
  async read(version: number): Promise<M> {
    const manifest = await this.#find(version);
    if (manifest === undefined) {
      throw new LakeCorrupt(`${this.#where(version)} is missing, though later versions or a caller name it`);
    }
    return manifest;
  }

  /**
   * Commits a manifest as its version. Resolves to true when it is in force, false when another run's manifest has
   * taken the number: start again from the new head. A write that took effect although its reply was lost counts as ours.
   */
  async commit(manifest: M): Promise<boolean> {
    const { version } = manifest;
    const body = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
    if (await this.#store.putIfAbsent(manifestKey(version), body)) return true;
    return (await this.read(version)).runId === manifest.runId;
  }

  async #find(version: number): Promise<M | undefined> {
    const body = await this.#store.get(manifestKey(version));
    if (body === undefined) return undefined;
    const manifest = this.#parse(version, body);
    if (!(manifest.format <= manifestFormat)) {
      throw new ManifestUnsupported(
        `${this.#where(version)} has format ${String(manifest.format)}; this release reads up to ${manifestFormat}: upgrade it`,
      );
    }
    if (manifest.kind !== this.#kind || manifest.version !== version) {
      throw new LakeCorrupt(
        `${this.#where(version)} says it is ${manifest.kind} version ${manifest.version}, expected ${this.#kind} version ${version}`,
      );
    }
    return manifest;
  }

  #parse(version: number, body: Uint8Array): M {
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(body).toString('utf8'));
    } catch (error) {
      throw new LakeCorrupt(`${this.#where(version)} is not JSON: ${messageOf(error)}`, { cause: error });
    }
    if (typeof value === 'object' && value !== null) return value as M;
    throw new LakeCorrupt(`${this.#where(version)} is not a manifest`);
  }

  #versionOf(key: string): number {
    const digits = /^log\/(\d{20})\.json$/.exec(key)?.[1];
    if (digits !== undefined) return Number(digits);
    throw new LakeCorrupt(`${this.#store.uri}/${key} is not a manifest: remove it`);
  }

  #where(version: number): string {
    return `${this.#store.uri}/${manifestKey(version)}`;
  }
}
