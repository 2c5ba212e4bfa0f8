const idsPerPage = 65_536;

/** The first and the last of ids without a gap between them. */
export type IdRange = readonly [first: number, last: number];

/** A set of 32-bit integers as pages of bits: an eighth of a byte for each id of a dense range, whatever the count. */
export class IdSet {
  readonly #pages = new Map<number, Uint32Array>();
  #size = 0;
  #lastNumber = NaN;
  #lastPage: Uint32Array | undefined;

  /** A set of those ids. */
  static of(ids: Iterable<number>): IdSet {
    const set = new IdSet();
    for (const id of ids) set.add(id);
    return set;
  }

  /** A set of the ids of those runs, as `ranges` gives them. */
  static ofRanges(ranges: Iterable<IdRange>): IdSet {
    const set = new IdSet();
    for (const [first, last] of ranges) for (let id = first; id <= last; id++) set.add(id);
    return set;
  }

  get size(): number {
    return this.#size;
  }

  copy(): IdSet {
    const copy = new IdSet();
    copy.#size = this.#size;
    for (const [number, page] of this.#pages) copy.#pages.set(number, page.slice());
    return copy;
  }

  has(id: number): boolean {
    const page = this.#page(id >> 16);
    return page !== undefined && (page[(id & 0xffff) >> 5]! & (1 << (id & 31))) !== 0;
  }

  add(id: number): void {
    let page = this.#page(id >> 16);
    if (page === undefined) {
      page = new Uint32Array(idsPerPage / 32);
      this.#pages.set(id >> 16, page);
      this.#lastPage = page;
    }
    const bit = 1 << (id & 31);
    const bits = page[(id & 0xffff) >> 5]!;
    if ((bits & bit) === 0) this.#size++;
    page[(id & 0xffff) >> 5] = bits | bit;
  }

  delete(id: number): void {
    if (!this.has(id)) return;
    this.#page(id >> 16)![(id & 0xffff) >> 5]! &= ~(1 << (id & 31));
    this.#size--;
  }

  /** Whether another set holds the same ids. */
  equals(other: IdSet): boolean {
    if (this.#size !== other.#size) return false;
    for (const [number, page] of this.#pages) {
      const same = other.#pages.get(number);
      if (!page.every((bits, i) => bits === (same?.[i] ?? 0))) return false;
    }
    return true;
  }

  /** Takes in the ids of another set. */
  addAll(other: IdSet): void {
    for (const id of other) this.add(id);
  }

  /** Whether another set holds one of these ids. */
  intersects(other: IdSet): boolean {
    for (const [number, page] of this.#pages) {
      const same = other.#pages.get(number);
      if (same !== undefined && page.some((bits, i) => (bits & same[i]!) !== 0)) return true;
    }
    return false;
  }

  /** The ids in order, as the first and last of each unbroken run. */
  *ranges(): Generator<IdRange> {
    let first = NaN;
    let last = NaN;
    for (const id of this) {
      if (id !== last + 1) {
        if (!Number.isNaN(first)) yield [first, last];
        first = id;
      }
      last = id;
    }
    if (!Number.isNaN(first)) yield [first, last];
  }

  *[Symbol.iterator](): Generator<number> {
    for (const number of [...this.#pages.keys()].sort((a, b) => a - b)) {
      const page = this.#pages.get(number)!;
      for (let i = 0; i < page.length; i++) {
        for (let bits = page[i]!; bits !== 0; bits &= bits - 1) {
          yield number * idsPerPage + i * 32 + (31 - Math.clz32(bits & -bits));
        }
      }
    }
  }

  #page(number: number): Uint32Array | undefined {
    if (number !== this.#lastNumber) {
      this.#lastNumber = number;
      this.#lastPage = this.#pages.get(number);
    }
    return this.#lastPage;
  }
}
