import { CommitConflict } from '../errors.ts';
import { Log } from './log.ts';
import { manifestFormat, type LookRequest } from './manifest.ts';
import type { ObjectStore } from './objectStore.ts';

/** The requests to look again that stand in a raw bucket. */
export const requestLog = (raw: ObjectStore): Log<LookRequest> => new Log<LookRequest>(raw, 'request', 'requests/');

/** Others who ask at the same moment take a number each; more than so many at once is a loop somewhere. */
const mostAttempts = 20;

/**
 * Asks the next run of ingest to look again, and gives the number of the request. Throws CommitConflict where others
 * kept asking first, LakeUnavailable, LakeRefused.
 */
export async function requestLook(
  raw: ObjectStore,
  wanted: Pick<LookRequest, 'requestedBy' | 'keys' | 'retry'>,
  { runId, now }: { readonly runId: string; readonly now: Date },
): Promise<number> {
  const log = requestLog(raw);
  let head = 0;
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    head = await log.head(head);
    const version = head + 1;
    const entry = { format: manifestFormat, kind: 'request', version, runId, requestedAt: now.toISOString() } as const;
    if (await log.commit({ ...entry, ...wanted })) return version;
  }
  throw new CommitConflict(`${raw.uri}/requests/: others asked first ${mostAttempts} times; ask again`);
}
