import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

type Way = 'sent' | 'received';

/** When a connection to a database is lost. */
export interface Cut {
  /** What the client sends first, in this order; the last of these messages arms the cut. None: it is armed at once. */
  readonly after: readonly RegExp[];
  /**
   * `unsent`: the message that armed it is not passed on. `at once`: it is, and nothing after it. So many bytes: they
   * still pass that way, and the connection is lost in place of the next; `received: 0` loses the reply alone.
   */
  readonly then: 'unsent' | 'at once' | Readonly<Partial<Record<Way, number>>>;
  /** Whether both ends are told by a reset, as a crashed machine's peer is, in place of an end in good order. */
  readonly reset?: boolean;
}

/** A TCP proxy on the loopback interface, before a database, that loses a connection where a test wants it lost. */
export class CuttingProxy {
  /** The database's URL by way of the proxy. */
  readonly url: string;
  /** Bytes that came since the proxy was armed last. */
  seen = { sent: 0, received: 0 };
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut: Cut | undefined;

  private constructor(server: Server, database: URL) {
    const { port } = server.address() as AddressInfo;
    this.#server = server;
    this.url = Object.assign(new URL(database), { port: String(port) }).href;
    server.on('connection', (client) => {
      this.#join(client, connect(Number(database.port), database.hostname));
    });
  }

  static async before(database: string): Promise<CuttingProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new CuttingProxy(server, new URL(database));
  }

  /** Cuts one of the connections to come: the first for which the condition comes true. */
  arm(cut: Cut): void {
    this.#cut = cut;
    this.seen = { sent: 0, received: 0 };
  }

  /** Takes back a cut that has not taken place. Resolves to whether it had. */
  disarm(): boolean {
    const tookPlace = this.#cut === undefined;
    this.#cut = undefined;
    return tookPlace;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, database: Socket): void {
    const watch = this.#cut && new Watch(this.#cut);
    const carry = (way: Way, from: Socket, to: Socket): void => {
      this.#sockets.add(from);
      from.on('error', () => undefined);
      from.on('end', () => to.end());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.on('data', (bytes) => {
        this.seen[way] += bytes.length;
        const { passing, isLost } =
          this.#cut && watch ? watch.take(way, bytes) : { passing: bytes.length, isLost: false };
        if (isLost) this.#cut = undefined;
        to.write(bytes.subarray(0, passing), () => {
          if (!isLost) return;
          for (const socket of [client, database]) {
            if (watch?.cut.reset === true) socket.resetAndDestroy();
            else socket.destroy();
          }
        });
      });
    };
    carry('sent', client, database);
    carry('received', database, client);
  }
}

/** Follows one connection up to its cut. */
class Watch {
  readonly cut: Cut;
  #messages = 0;
  #bytes = 0;

  constructor(cut: Cut) {
    this.cut = cut;
  }

  /** How many of the bytes pass, and whether the connection is lost after them. */
  take(way: Way, bytes: Buffer): { passing: number; isLost: boolean } {
    const { after, then } = this.cut;
    const all = { passing: bytes.length, isLost: false };
    if (this.#messages < after.length) {
      if (way === 'received' || !after[this.#messages]!.test(bytes.toString('latin1'))) return all;
      this.#messages++;
      if (this.#messages < after.length || typeof then === 'object') return all;
      return { passing: then === 'unsent' ? 0 : bytes.length, isLost: true };
    }
    const left = typeof then === 'string' ? Infinity : (then[way] ?? Infinity) - this.#bytes;
    if (left === Infinity) return all;
    this.#bytes += bytes.length;
    return { passing: Math.min(left, bytes.length), isLost: bytes.length > left };
  }
}
