import type { Client } from 'pg';

/** Which database a client is connected to, for messages: a URL without its password. */
export function whereIs({ user, host, port, database }: Client): string {
  const who = `postgres://${user ?? ''}@`;
  const name = encodeURIComponent(database ?? '');
  return host.startsWith('/') ? `${who}/${name}?host=${host}&port=${port}` : `${who}${host}:${port}/${name}`;
}
