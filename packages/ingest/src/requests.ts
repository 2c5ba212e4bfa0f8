import { type Log, type LookRequest, manifestKey, type ObjectStore, type RawManifest, requestLog } from '@totes/core';
import { askable, type Askable } from './askable.ts';

/** Keys that one version looks for. What they take of memory, and of a statement's text, is some megabytes. */
const mostKeys = 200_000;

/** The newest request that was served, as a manifest names it; empty where there never was one. */
export type Served = Pick<RawManifest, 'requests' | 'requestRunId'>;

/** The requests that a look serves, taken together. */
export interface Asked {
  /** How many they are. */
  readonly requests: number;
  /** The newest one that is served now or was before. */
  readonly served: Served;
  /** Primary keys by source table, each once, ascending; no table without keys. */
  readonly keys: ReadonlyMap<string, readonly number[]>;
  /** Whether all rows that are set aside are to be tried again. */
  readonly retry: boolean;
  /** What a person should know. */
  readonly notices: readonly string[];
}

/**
 * Reads the requests that no version has served, oldest first, until they have 200,000 keys together; at least one, and
 * those that are left are served by the next version. Costs one listing, and one object where some were served before.
 * A snapshot that serves them must be taken afterwards: who asked wants the source as it was then or later.
 *
 * Where the newest one that was served is not there any more, numbers may have been given out anew, so all that stand
 * there are served: twice does no harm, and not at all would lose one.
 *
 * @param before the newest one that the version before, or any earlier one, has served
 * @throws LakeCorrupt where a request names a key that is not an int4; LakeUnavailable, LakeRefused, ManifestUnsupported
 */
export async function openRequests(raw: ObjectStore, before: Served = {}): Promise<Asked> {
  const log = requestLog(raw);
  const where = (number: number): string => `${raw.uri}/${manifestKey(number, 'requests/')}`;
  const { head, lost } = await openLog(log, before);
  const served: Served = lost ? {} : before;
  const taken: { readonly request: LookRequest; readonly asked: Askable }[] = [];
  let total = 0;
  for (let next = (served.requests ?? 0) + 1; next <= head; next++) {
    const request = await log.read(next);
    const asked = askable(request, where(next));
    total += asked.keys.reduce((sum, [, keys]) => sum + keys.length, 0);
    if (total > mostKeys && taken.length > 0) break;
    taken.push({ request, asked });
  }
  const newest = taken.at(-1)?.request;
  const gone = lost
    ? [`${where(before.requests!)} was served and is gone: all requests that are there are served`]
    : [];
  return {
    requests: taken.length,
    served: newest === undefined ? servedOf(served) : { requests: newest.version, requestRunId: newest.runId },
    keys: merged(taken.flatMap(({ asked }) => asked.keys)),
    retry: taken.some(({ request }) => request.retry === true),
    notices: [...gone, ...taken.flatMap(({ asked }) => asked.notices)],
  };
}

/** The newest request, and whether the one that was served last is not there any more. */
async function openLog(
  log: Log<LookRequest>,
  { requests = 0, requestRunId }: Served,
): Promise<{ head: number; lost: boolean }> {
  if (requests === 0) return { head: await log.head(), lost: false };
  // The listing begins with the one that was served, and costs no more for that.
  const head = await log.head(requests - 1);
  const isThere = head >= requests && (await isSame(log, requests, requestRunId));
  return isThere ? { head, lost: false } : { head: await log.head(), lost: true };
}

/** Manifests of older releases do not tell whose request it was. */
const isSame = async (log: Log<LookRequest>, number: number, runId: string | undefined): Promise<boolean> =>
  runId === undefined || (await log.read(number)).runId === runId;

/** The two fields, of a manifest that has more. */
const servedOf = ({ requests, requestRunId }: Served): Served => ({
  ...(requests !== undefined && { requests }),
  ...(requestRunId !== undefined && { requestRunId }),
});

function merged(asked: Askable['keys']): Map<string, number[]> {
  const byTable = new Map<string, Set<number>>();
  for (const [table, keys] of asked) {
    const known = byTable.get(table) ?? new Set();
    for (const key of keys) known.add(key);
    if (known.size > 0) byTable.set(table, known);
  }
  return new Map([...byTable].map(([table, keys]) => [table, [...keys].sort((a, b) => a - b)]));
}
