import type pg from 'pg';
import { parse, toClientConfig } from 'pg-connection-string';
import { ConfigInvalid } from '../errors.ts';

/** What answers at a database URL, by its scheme. */
export type Engine = 'postgres' | 'redshift';

/** Where a database is, as its URL says it. */
export interface DatabaseAddress {
  readonly engine: Engine;
  /** A name, an IP address, or the folder of a unix socket. */
  readonly host: string;
  readonly port: number;
  /** The URL without its password and parameters, for messages. */
  readonly where: string;
  /** The parameters of the URL whose names start with `ssl`. */
  readonly tls: ReadonlyMap<string, string>;
  /** Seconds, as libpq's parameter of that name. */
  readonly connectTimeout: number | undefined;
  /** The ARN of the role by which Redshift reads S3, of its parameter iam_role; undefined for its default role. */
  readonly copyRole: string | undefined;
  /** All else for the driver, the password included. */
  readonly config: pg.ClientConfig;
}

const defaultPort = { postgres: 5432, redshift: 5439 } as const;

/** A role, or roles that are assumed one after another. */
const roleArns = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;

/**
 * Reads a postgres://, postgresql:// or redshift:// URL. A unix socket is written as PostgreSQL's own tools take it:
 * `postgres://user@/database?host=/var/run/postgresql`. The host is localhost and the port 5432, or Redshift's 5439, where
 * the URL does not say: the environment (PGHOST…) is not consulted, so that a URL always means one database.
 * `iam_role=ARN` names the role by which Redshift reads S3.
 *
 * @param name whose URL it is, for messages
 * @throws ConfigInvalid, without a word of the URL, which may be all password
 */
export function parseDatabaseUrl(url: string, name = 'database'): DatabaseAddress {
  const [, scheme] = /^(postgres|postgresql|redshift):\/\//.exec(url) ?? [];
  if (scheme === undefined) {
    throw new ConfigInvalid(`the ${name} URL must start with postgres:// or postgresql://, or redshift://`);
  }
  const engine = scheme === 'redshift' ? 'redshift' : 'postgres';
  const [base, query = '', ...more] = url.split('?');
  // A "/", "?" or "#" in a password ends the host early, and what follows would be taken for a port or a database.
  if (more.length > 0 || url.includes('#') || url.replace(/^[^/]*\/\/[^/?]*/, '').includes('@')) {
    throw new ConfigInvalid(`the ${name} URL has one of : / ? # @ where it must be written as %3A %2F %3F %23 %40`);
  }
  const parameters = [...new URLSearchParams(query)];
  const tls = parameters.filter(([key]) => key.startsWith('ssl'));
  const rest = new URLSearchParams(parameters.filter(([key]) => !key.startsWith('ssl') && key !== 'iam_role'));
  const config = driverConfig(`${base!.replace(scheme, 'postgres')}?${rest.toString()}`, name);
  const host = config.host === undefined || config.host === '' ? 'localhost' : config.host;
  const port = config.port ?? defaultPort[engine];
  const timeout = rest.get('connect_timeout');
  return {
    engine,
    host,
    port,
    where: written(engine, host, port, config),
    tls: new Map(tls),
    connectTimeout: timeout === null ? undefined : positive(timeout, `connect_timeout of the ${name} URL`),
    copyRole: copyRole(engine, parameters, name),
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

function copyRole(engine: Engine, parameters: readonly [string, string][], name: string): string | undefined {
  const role = parameters.find(([key]) => key === 'iam_role')?.[1];
  if (role === undefined) return undefined;
  if (engine === 'redshift' && roleArns.test(role)) return role;
  throw new ConfigInvalid(
    `iam_role of the ${name} URL must be the ARN of a role, as arn:aws:iam::123456789012:role/copy, and of a redshift:// URL`,
  );
}

function written(engine: Engine, host: string, port: number, { user, database }: pg.ClientConfig): string {
  const who = user ? `${user}@` : '';
  if (host.startsWith('/')) return `${engine}://${who}/${database ?? ''}?host=${host}&port=${port}`;
  return `${engine}://${who}${host.includes(':') ? `[${host}]` : host}:${port}/${database ?? ''}`;
}

function positive(text: string, what: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new ConfigInvalid(`${what} must be a number of seconds above 0`);
}
