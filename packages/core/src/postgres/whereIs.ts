import type { Client } from 'pg';
import { isRedshift } from './redshiftClient.ts';

/** Which database a client is connected to, for messages: a URL without its password. */
export function whereIs(client: Client): string {
  const { user, host, port, database } = client;
  const who = `${isRedshift(client) ? 'redshift' : 'postgres'}://${user ?? ''}@`;
  const name = encodeURIComponent(database ?? '');
  return host.startsWith('/') ? `${who}/${name}?host=${host}&port=${port}` : `${who}${host}:${port}/${name}`;
}
