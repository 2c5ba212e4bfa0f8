/** What a row can be that differs. */
export type Kind = 'missing' | 'extra' | 'altered' | 'stale' | 'setAside';

/** What one side says of a key. */
export interface KeyState {
  readonly key: string;
  /** Of all rows of that key. */
  readonly hash: string;
  /** As text that sorts by time; null where the table does not keep it. */
  readonly lastUpdated: string | null;
  /** Whether the row was written since the look that the warehouse shows. */
  readonly pending: boolean;
  /** The key of the row that it joins, where it joins one, and whether that row is missing. */
  readonly partner: string | null;
  readonly partnerMissing: boolean;
}

export interface Difference {
  readonly key: number;
  readonly kind: Kind;
  readonly pending: boolean;
  /** The key of the row that it joins, where the source has both. */
  readonly partner: number | undefined;
}

/** What two sides of the same keys say. */
export interface Differences {
  /** By key, ascending. */
  readonly found: Difference[];
  /** The keys that cannot be compared, counted. */
  readonly unjudged: number;
}

/**
 * The keys that differ between the source and the warehouse. A source row whose joined row is missing says nothing of
 * what the warehouse should show: it is counted alone, unless it is set aside.
 *
 * @param isSetAside whether the row of that key is set aside, or that of the joined table where `ofPartner` is true
 */
export function differencesOf(
  source: readonly KeyState[],
  warehouse: readonly KeyState[],
  isSetAside: (key: number, ofPartner: boolean) => boolean,
): Differences {
  const shown = new Map(warehouse.map((state) => [state.key, state]));
  const found: Difference[] = [];
  let unjudged = 0;
  for (const expected of source) {
    const actual = shown.get(expected.key);
    shown.delete(expected.key);
    if (actual?.hash === expected.hash) continue;
    const key = Number(expected.key);
    const partner = expected.partner === null ? undefined : Number(expected.partner);
    const waits = isSetAside(key, false) || (partner !== undefined && isSetAside(partner, true));
    if (expected.partnerMissing && !waits) {
      unjudged++;
      continue;
    }
    const kind = waits ? 'setAside' : kindOf(expected, actual);
    const both = expected.partnerMissing ? undefined : partner;
    found.push({ key, kind, pending: expected.pending, partner: both });
  }
  for (const { key } of shown.values()) {
    found.push({ key: Number(key), kind: 'extra', pending: false, partner: undefined });
  }
  return { found: found.sort((a, b) => a.key - b.key), unjudged };
}

function kindOf(expected: KeyState, actual: KeyState | undefined): Kind {
  if (actual === undefined) return 'missing';
  if (expected.lastUpdated === null || actual.lastUpdated === null) return 'altered';
  return actual.lastUpdated < expected.lastUpdated ? 'stale' : 'altered';
}
