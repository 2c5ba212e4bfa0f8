import { LakeCorrupt, manifestKey, type LookRequest, type ObjectStore, requestLog, sourceTables } from '@totes/core';

/** Keys that one version looks for. What they take of memory, and of a statement's text, is some megabytes. */
const mostKeys = 200_000;

/** PostgreSQL's type integer, which the keys of totesys have. */
const [leastKey, greatestKey] = [-(2 ** 31), 2 ** 31 - 1];

/** The requests that a look serves, taken together. */
export interface Asked {
  /** How many they are. */
  readonly requests: number;
  /** The newest one that is served now or was before; undefined where there never was one. */
  readonly newest: number | undefined;
  /** Primary keys by source table, each once, ascending; no table without keys. */
  readonly keys: ReadonlyMap<string, readonly number[]>;
  /** Whether all rows that are set aside are to be tried again. */
  readonly retry: boolean;
}

/**
 * Reads the requests that no version has served, oldest first, until they have 200,000 keys together; at least one, and
 * those that are left are served by the next version. Costs one listing where there are none. A snapshot that serves
 * them must be taken afterwards: who asked wants the source as it was then or later.
 *
 * @param served the newest request that the version before, or any earlier one, has served
 * @throws LakeCorrupt where a request names a table that is not declared or a key that is not an int4; LakeUnavailable,
 *   LakeRefused, ManifestUnsupported
 */
export async function openRequests(raw: ObjectStore, served: number | undefined): Promise<Asked> {
  const log = requestLog(raw);
  const head = await log.head(served ?? 0);
  const taken: LookRequest[] = [];
  let total = 0;
  for (let next = (served ?? 0) + 1; next <= head; next++) {
    const request = await log.read(next);
    total += countOfKeys(request, `${raw.uri}/${manifestKey(next, 'requests/')}`);
    if (total > mostKeys && taken.length > 0) break;
    taken.push(request);
  }
  return {
    requests: taken.length,
    newest: taken.at(-1)?.version ?? served,
    keys: merged(taken),
    retry: taken.some(({ retry }) => retry === true),
  };
}

/** Throws LakeCorrupt where the request asks for what the source cannot have. */
function countOfKeys({ keys = {} }: LookRequest, where: string): number {
  for (const [table, asked] of Object.entries(keys)) {
    if (!sourceTables.some(({ name }) => name === table)) {
      throw new LakeCorrupt(`${where} asks for table ${JSON.stringify(table)}, which is not declared: ${advice}`);
    }
    const wrong: unknown = Array.isArray(asked) ? asked.find((key) => !isKey(key)) : asked;
    if (wrong !== undefined) {
      throw new LakeCorrupt(`${where} asks for key ${JSON.stringify(wrong)} of ${table}, expected an int4: ${advice}`);
    }
  }
  return Object.values(keys).reduce((sum, { length }) => sum + length, 0);
}

const isKey = (key: unknown): boolean =>
  typeof key === 'number' && Number.isInteger(key) && key >= leastKey && key <= greatestKey;

const advice = 'put a request without it in its place, or upgrade this release if a newer one wrote it';

function merged(requests: readonly LookRequest[]): Map<string, number[]> {
  const byTable = new Map<string, Set<number>>();
  for (const [table, keys] of requests.flatMap((request) => Object.entries(request.keys ?? {}))) {
    const known = byTable.get(table) ?? new Set();
    for (const key of keys) known.add(key);
    if (known.size > 0) byTable.set(table, known);
  }
  return new Map([...byTable].map(([table, keys]) => [table, [...keys].sort((a, b) => a - b)]));
}
