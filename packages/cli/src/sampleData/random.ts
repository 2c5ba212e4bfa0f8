/** A source of pseudo-random numbers; the same seed gives the same numbers on every machine. */
export interface Random {
  /** A whole number from 0 up to, not including, `limit` (at most 2^32). */
  below(limit: number): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** True once in `n` times. */
  oneIn(n: number): boolean;
  /** One of the items. Throws RangeError where there is none. */
  pick<T>(items: readonly T[]): T;
}

/**
 * The generator sfc32 of Chris Doty-Humphrey's PractRand (https://pracrand.sourceforge.net/): small, fast, no cycle
 * shorter than 2^32 numbers, most near 2^127. `seed` is any safe integer; `stream` tells generators of one seed apart.
 */
export function random(seed: number, stream = 0): Random {
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = stream | 0;
  let counter = 1;
  const next = (): number => {
    const word = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + word) | 0;
    return word >>> 0;
  };
  // By then every bit of the seed has reached the whole state.
  for (let round = 0; round < 15; round++) next();

  const below = (limit: number): number => Math.floor((next() / 2 ** 32) * limit);
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    oneIn: (n) => below(n) === 0,
    pick(items) {
      if (items.length === 0) throw new RangeError('there is nothing to pick from');
      return items[below(items.length)]!;
    },
  };
}
