import pg from 'pg';
import type { PostgresServer } from '../../packages/cli/src/local/postgresServer.ts';

/** The databases of one server. */
export class Databases {
  readonly #server: PostgresServer;

  constructor(server: PostgresServer) {
    this.#server = server;
  }

  url(name: string): string {
    return this.#server.url(name);
  }

  /** Makes an empty database in the place of the one of that name; gives its URL. */
  async fresh(name: string): Promise<string> {
    await this.drop(name);
    await this.#server.createDatabase(name);
    return this.url(name);
  }

  /** Ends the connections to it, too: a program that was ended may have left some. */
  async drop(name: string): Promise<void> {
    await onDatabase(this.url('postgres'), (client) =>
      client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`),
    );
  }
}

/** Connects, works and disconnects. */
export async function onDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
