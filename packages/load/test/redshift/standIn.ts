import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import pg from 'pg';
import type { ReadableBucket } from './copy.ts';
import { Session } from './session.ts';

/**
 * Stands in for Amazon Redshift, on the loopback interface: takes what Redshift's language has and refuses all else, with
 * the reason (`language.ts`), reads Parquet from S3 as its COPY does (`copy.ts`), and has a PostgreSQL do the rest. What it
 * cannot show is what only a cluster can: docs/redshift.md.
 */
export class RedshiftStandIn {
  /** The statements that it took, in normal form. */
  readonly statements: string[] = [];
  /** Decides about each statement before it runs: what it throws is the answer. */
  fault: (sql: string) => Promise<void> | void = () => undefined;
  readonly #database: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** @param database the URL of the PostgreSQL behind, of a superuser: from 15 on, which have MERGE */
  constructor(database: string, s3: ReadableBucket) {
    this.#database = database;
    this.#server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
      this.#sockets.add(socket);
      void this.#serve(socket, s3);
    });
  }

  /** Gives the URL of the warehouse. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `redshift://loader@127.0.0.1:${(this.#server.address() as AddressInfo).port}/warehouse`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(socket: Socket, s3: ReadableBucket): Promise<void> {
    const backend = new pg.Client(this.#database);
    backend.on('error', () => socket.destroy());
    await backend.connect();
    // Redshift enforces no foreign key.
    await backend.query("SET session_replication_role = replica; SET timezone = 'UTC'");
    const onStatement = async (sql: string): Promise<void> => {
      this.statements.push(sql);
      await this.fault(sql);
    };
    new Session(socket, { backend, s3, onStatement });
    socket.resume();
  }
}
