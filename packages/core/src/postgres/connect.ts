import pg from 'pg';
import { ConfigInvalid } from '../errors.ts';
import { failure, type DatabaseSide } from './failure.ts';
import { isRedshift, RedshiftClient } from './redshiftClient.ts';
import { tlsOptions } from './tls.ts';
import { parseDatabaseUrl, type DatabaseAddress } from './url.ts';

/** Long enough for a database in another region or one that is waking up, short enough to fail within a retry. */
const connectTimeoutSeconds = 10;

/** Below the idle timeouts of the usual load balancers and NAT gateways (350 s in AWS). */
const keepAliveMillis = 30_000;

/** What decides how values are written as text: the same whatever the server's, database's or role's own settings. */
const exactText = [
  "SET client_encoding = 'UTF8'",
  "SET datestyle = 'ISO, YMD'",
  "SET timezone = 'UTC'",
  "SET intervalstyle = 'postgres'",
  "SET bytea_output = 'hex'",
  'SET extra_float_digits = 3',
];

const settings: Readonly<Record<DatabaseSide, readonly string[]>> = {
  // With row security a policy would hide rows without a word; off makes the server refuse such a query instead.
  source: [...exactText, 'SET row_security = off'],
  warehouse: exactText,
};

/** Redshift always speaks UTF-8, and knows none of the others. */
const redshiftSettings = ["SET datestyle = 'ISO, YMD'", "SET timezone = 'UTC'"];

const settingsOf = (client: pg.Client, side: DatabaseSide): string =>
  (isRedshift(client) ? redshiftSettings : settings[side]).join('; ');

/** How long a server may take to show that a connection that was idle is still one. */
const answerMillis = 3_000;

export interface PostgresTarget {
  /**
   * A postgres:// or postgresql:// URL, or of a warehouse redshift://; see `parseDatabaseUrl` for its form and
   * `tlsOptions` for its sslmode.
   */
  readonly url: string;
  readonly side: DatabaseSide;
  /** Shown in the server's pg_stat_activity and its log. */
  readonly applicationName: string;
}

/**
 * Connects to a database; to Redshift by a RedshiftClient. Values come and go as exact text: ISO dates, UTC, floats with
 * all their digits, UTF-8. TLS is verified unless the server is on this machine or the URL says otherwise. The caller ends
 * the client.
 *
 * A connection lost while idle shows in the next query.
 *
 * @throws ConfigInvalid for a bad URL; SourceUnavailable, SourceRefused, WarehouseUnavailable or WarehouseRefused
 */
export async function connectPostgres({ url, side, applicationName }: PostgresTarget): Promise<pg.Client> {
  const address = parseDatabaseUrl(url, side);
  if (address.engine === 'redshift' && side === 'source')
    throw new ConfigInvalid('the source must be PostgreSQL: a postgres:// URL');
  const config = clientConfig(address, applicationName);
  const client = address.engine === 'redshift' ? new RedshiftClient(config, address.copyRole) : new pg.Client(config);
  // Without a listener Node ends the process; the client itself remembers, and fails every later query.
  client.on('error', () => undefined);
  try {
    await client.connect();
    // One simple query, not startup options: connection poolers refuse those.
    await client.query(settingsOf(client, side));
    return client;
  } catch (error) {
    await client.end();
    throw failure(side, address.where, error);
  }
}

const clientConfig = (address: DatabaseAddress, applicationName: string): pg.ClientConfig => ({
  ...address.config,
  ssl: tlsOptions(address),
  // Said here, because the driver would ask the environment otherwise.
  sslnegotiation: 'postgres',
  application_name: applicationName,
  connectionTimeoutMillis: (address.connectTimeout ?? connectTimeoutSeconds) * 1000,
  keepAlive: true,
  keepAliveInitialDelayMillis: keepAliveMillis,
});

/**
 * Whether the server still answers on a connection that was idle, as it was made by `connectPostgres`: a process that
 * slept meanwhile has not heard of its end, and one whose peer is gone would wait for many minutes.
 */
export async function isUsable(client: pg.Client, side: DatabaseSide): Promise<boolean> {
  try {
    const probe: pg.QueryConfig & { query_timeout: number } = {
      text: settingsOf(client, side),
      query_timeout: answerMillis,
    };
    await client.query(probe);
    return true;
  } catch {
    return false;
  }
}
