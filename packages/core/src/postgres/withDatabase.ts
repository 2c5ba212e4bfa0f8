import type { Client } from 'pg';
import { databaseUrl } from '../secrets.ts';
import { outlivesCall } from '../outlivesCall.ts';
import { connectPostgres, isUsable, type PostgresTarget } from './connect.ts';

/** Connections that wait for the next call, by what they are for. */
const idle = new Map<string, Client>();

/** A database as a setting names it: see `databaseUrl`. */
export type DatabaseTarget = Omit<PostgresTarget, 'url'> & { readonly database: string };

/**
 * Works on a connection to the database that a setting names. In a function it is kept for the next call, which saves the
 * secret, the handshake and the login then; not where the work failed, whose session may be in any state.
 *
 * @throws what `databaseUrl`, `connectPostgres` and the work throw
 */
export async function withDatabase<T>(target: DatabaseTarget, work: (client: Client) => Promise<T>): Promise<T> {
  const name = [target.side, target.applicationName, target.database].join(' ');
  const client = (await take(name, target)) ?? (await connect(target));
  let isGood = false;
  try {
    const result = await work(client);
    isGood = true;
    return result;
  } finally {
    if (isGood && outlivesCall()) idle.set(name, client);
    else await client.end();
  }
}

/** The connection that the call before has left, where the server still answers on it. */
async function take(name: string, { side }: DatabaseTarget): Promise<Client | undefined> {
  const kept = idle.get(name);
  if (kept === undefined) return undefined;
  idle.delete(name);
  if (await isUsable(kept, side)) return kept;
  await kept.end();
  return undefined;
}

const connect = async ({ database, ...target }: DatabaseTarget): Promise<Client> =>
  connectPostgres({ ...target, url: await databaseUrl(database) });

/** Ends the connections that wait: a process that has done its last call would go on for their sake. */
export async function endIdle(): Promise<void> {
  const clients = [...idle.values()];
  idle.clear();
  await Promise.all(clients.map((client) => client.end()));
}
