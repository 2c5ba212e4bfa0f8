import type pg from 'pg';
import { parse, toClientConfig } from 'pg-connection-string';
import { ConfigInvalid } from '../errors.ts';

/** Where a database is, as its URL says it. */
export interface DatabaseAddress {
  /** A name, an IP address, or the folder of a unix socket. */
  readonly host: string;
  readonly port: number;
  /** The URL without its password and parameters, for messages. */
  readonly where: string;
  /** The parameters of the URL whose names start with `ssl`. */
  readonly tls: ReadonlyMap<string, string>;
  /** Seconds, as libpq's parameter of that name. */
  readonly connectTimeout: number | undefined;
  /** All else for the driver, the password included. */
  readonly config: pg.ClientConfig;
}

/**
 * Reads a postgres:// or postgresql:// URL. A unix socket is written as PostgreSQL's own tools take it:
 * `postgres://user@/database?host=/var/run/postgresql`. The host is localhost and the port 5432 where the URL does not
 * say: the environment (PGHOST…) is not consulted, so that a URL always means one database.
 *
 * @param name whose URL it is, for messages
 * @throws ConfigInvalid, without a word of the URL, which may be all password
 */
export function parseDatabaseUrl(url: string, name = 'database'): DatabaseAddress {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new ConfigInvalid(`the ${name} URL must start with postgres:// or postgresql://`);
  }
  const [base, query = '', ...more] = url.split('?');
  // A "/", "?" or "#" in a password ends the host early, and what follows would be taken for a port or a database.
  if (more.length > 0 || url.includes('#') || url.replace(/^[^/]*\/\/[^/?]*/, '').includes('@')) {
    throw new ConfigInvalid(`the ${name} URL has one of : / ? # @ where it must be written as %3A %2F %3F %23 %40`);
  }
  const parameters = [...new URLSearchParams(query)];
  const tls = parameters.filter(([key]) => key.startsWith('ssl'));
  const rest = new URLSearchParams(parameters.filter(([key]) => !key.startsWith('ssl')));
  const config = driverConfig(`${base}?${rest.toString()}`, name);
  const host = config.host === undefined || config.host === '' ? 'localhost' : config.host;
  const port = config.port ?? 5432;
  const timeout = rest.get('connect_timeout');
  return {
    host,
    port,
    where: written(host, port, config),
    tls: new Map(tls),
    connectTimeout: timeout === null ? undefined : positive(timeout, `connect_timeout of the ${name} URL`),
    config: { ...config, host, port },
  };
}

/** A database URL without its password and parameters, for messages. Throws ConfigInvalid where it is not one. */
export const redactUrl = (url: string): string => parseDatabaseUrl(url).where;

function driverConfig(url: string, name: string): pg.ClientConfig {
  try {
    return toClientConfig(parse(url));
  } catch {
    // The error is not kept as the cause: it may quote the URL.
    throw new ConfigInvalid(
      `the ${name} URL cannot be read: write postgres://user:password@host:port/database, special characters as %XX`,
    );
  }
}

function written(host: string, port: number, { user, database }: pg.ClientConfig): string {
  const who = user ? `${user}@` : '';
  if (host.startsWith('/')) return `postgres://${who}/${database ?? ''}?host=${host}&port=${port}`;
  return `postgres://${who}${host.includes(':') ? `[${host}]` : host}:${port}/${database ?? ''}`;
}

function positive(text: string, what: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new ConfigInvalid(`${what} must be a number of seconds above 0`);
}
