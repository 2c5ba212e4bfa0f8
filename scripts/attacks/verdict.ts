/** Rows of one table by business key, each as text: the states of a row in the order of their versions. */
export type States = ReadonlyMap<string, readonly string[]>;

/** How a warehouse differs from what was seen of its source. */
export interface Verdict {
  /** States that were seen and are not there. */
  lost: number;
  /** States that are there once more than they were seen. */
  doubled: number;
  /** States that nobody saw, or that stand in the wrong order. */
  altered: number;
  /** What else is wrong, and the first rows that differ; each begins with the name of the check that found it. */
  readonly problems: string[];
}

export const clean = (): Verdict => ({ lost: 0, doubled: 0, altered: 0, problems: [] });

/** Whether there is nothing to complain of. */
export const isClean = ({ lost, doubled, altered, problems }: Verdict): boolean =>
  lost + doubled + altered + problems.length === 0;

const mostExamples = 6;

/** Adds to a verdict how the states of one table differ from those that were seen. */
export function compareStates(verdict: Verdict, table: string, expected: States, actual: States): void {
  for (const key of new Set([...expected.keys(), ...actual.keys()])) {
    const [seen, there] = [expected.get(key) ?? [], actual.get(key) ?? []];
    if (seen.length === there.length && seen.every((state, place) => state === there[place])) continue;
    const missing = surplus(seen, there);
    const excess = surplus(there, seen);
    const repeated = excess.filter((state) => seen.includes(state)).length;
    const foreign = excess.length - repeated;
    const replaced = Math.min(foreign, missing.length);
    verdict.doubled += repeated;
    verdict.lost += missing.length - replaced;
    verdict.altered += missing.length + excess.length === 0 ? 1 : foreign;
    if (verdict.problems.length < mostExamples)
      verdict.problems.push(`rows: ${table} ${key}: seen ${show(seen)}; there ${show(there)}`);
  }
}

/** What `some` has more often than `others`. */
function surplus(some: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return some.filter((each) => {
    const place = left.indexOf(each);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}

const show = (states: readonly string[]): string =>
  states.length === 0 ? 'nothing' : states.map((state) => `[${state}]`).join(' then ');
