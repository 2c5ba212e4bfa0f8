import { Readable } from 'node:stream';
import type { Connection, Submittable } from 'pg';

/** Large enough that hashing and compressing cost little for each block, small enough that a few of them are nothing. */
const blockBytes = 256 * 1024;

/** Blocks that wait for the reader before the server is made to wait. */
const waitingBlocks = 4;

/** A message of PostgreSQL's protocol starts with a byte for its type and four for its length, which counts itself. */
const headerBytes = 5;
const lengthBytes = 4;

/** https://www.postgresql.org/docs/current/protocol-message-formats.html */
const copyData = 'd'.charCodeAt(0);

/**
 * The rows that a `COPY … TO STDOUT` statement writes, as a stream of blocks of bytes: `client.query(new CopyOut(sql))`.
 * The server sends a message for every row. This reads the socket itself, copies the rows of CopyData messages out in
 * bulk and hands all other messages to the driver, which takes half the time that an object for each message takes.
 *
 * The stream fails with the server's or the connection's error, wherever in the rows that is. Destroying it before its
 * end closes the connection: nothing else stops a server that is writing.
 */
export class CopyOut extends Readable implements Submittable {
  /** The rows received so far; when the stream has ended, the rows that the server says it wrote. */
  rows = 0;
  readonly #sql: string;
  /** While the statement runs. */
  #connection: Connection | undefined;
  /** The driver's own reader of messages. */
  #parse: (bytes: Buffer) => void = () => undefined;
  #block = Buffer.allocUnsafe(blockBytes);
  #used = 0;
  /** The bytes of the current message that are still to come, and whether they are rows. */
  #left = 0;
  #isRow = false;
  /** The start of a header that the socket's last chunk ended with. */
  #header: Buffer = Buffer.alloc(0);

  constructor(sql: string) {
    super({ objectMode: true, highWaterMark: waitingBlocks });
    this.#sql = sql;
  }

  /** Called by the driver when it is this statement's turn: the connection is idle then, no message half read. */
  submit(connection: Connection): void {
    const { stream } = connection;
    const [parse] = stream.listeners('data') as ((bytes: Buffer) => void)[];
    if (parse === undefined) throw new Error('the PostgreSQL driver does not read its socket');
    this.#connection = connection;
    this.#parse = parse;
    stream.off('data', parse);
    stream.on('data', this.#receive);
    connection.query(this.#sql);
  }

  override _read(): void {
    this.#connection?.stream.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#connection?.stream.destroy();
    this.#giveBack();
    callback(error);
  }

  /** Called by the driver. */
  handleCommandComplete({ text }: { readonly text: string }): void {
    this.rows = Number(/^COPY (\d+)$/.exec(text)?.[1]);
  }

  /** Called by the driver. */
  handleReadyForQuery(): void {
    this.#giveBack();
    if (this.#used > 0) this.push(this.#block.subarray(0, this.#used));
    this.push(null);
  }

  /** Called by the driver, for the server's errors and for a lost connection. */
  handleError(error: Error): void {
    this.#giveBack();
    this.destroy(error);
  }

  /** Takes a chunk of the socket apart; a message, and even its header, may go on in the next chunk. */
  readonly #receive = (received: Buffer): void => {
    const chunk = this.#header.length === 0 ? received : Buffer.concat([this.#header, received]);
    this.#header = Buffer.alloc(0);
    let at = 0;
    while (at < chunk.length && this.#connection !== undefined) {
      if (this.#left === 0) {
        if (chunk.length - at < headerBytes) {
          this.#header = chunk.subarray(at);
          return;
        }
        this.#isRow = chunk[at] === copyData;
        this.#left = chunk.readUInt32BE(at + 1) - lengthBytes;
        if (this.#isRow) this.rows++;
        else this.#parse(chunk.subarray(at, at + headerBytes));
        at += headerBytes;
      } else {
        const end = Math.min(at + this.#left, chunk.length);
        if (this.#isRow) this.#keep(chunk, at, end);
        else this.#parse(chunk.subarray(at, end));
        this.#left -= end - at;
        at = end;
      }
    }
    // The statement ended within this chunk.
    if (at < chunk.length) this.#parse(chunk.subarray(at));
  };

  #keep(chunk: Buffer, start: number, end: number): void {
    for (let at = start; at < end;) {
      const copied = chunk.copy(this.#block, this.#used, at, end);
      at += copied;
      this.#used += copied;
      if (this.#used < blockBytes) return;
      if (!this.push(this.#block)) this.#connection?.stream.pause();
      this.#block = Buffer.allocUnsafe(blockBytes);
      this.#used = 0;
    }
  }

  #giveBack(): void {
    const stream = this.#connection?.stream;
    if (stream === undefined) return;
    this.#connection = undefined;
    stream.off('data', this.#receive);
    stream.on('data', this.#parse);
    stream.resume();
  }
}
