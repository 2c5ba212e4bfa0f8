import { startPostgres, type PostgresServer } from '../../packages/cli/src/local/postgresServer.ts';

declare global {
  var totesPostgres: PostgresServer | undefined;
}

/** One real PostgreSQL server for the whole run; each test file makes databases of its own on it. */
export default async function start(): Promise<void> {
  globalThis.totesPostgres = await startPostgres({ settings: { fsync: 'off', max_connections: '200' } });
  process.env.TOTES_TEST_POSTGRES = globalThis.totesPostgres.url('postgres');
}
