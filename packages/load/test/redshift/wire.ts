/** What a client of PostgreSQL's protocol sends: a message's letter and its body. */
export interface Message {
  readonly kind: string;
  readonly body: Buffer;
}

/** Takes a stream of bytes apart into messages; the first has no letter, and is given as kind ''. */
export class MessageReader {
  #bytes = Buffer.alloc(0);
  #started = false;

  /** The messages that are whole now. */
  *read(chunk: Buffer): Generator<Message> {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      const head = this.#started ? 1 : 0;
      if (this.#bytes.length < head + 4) return;
      const length = head + this.#bytes.readInt32BE(head);
      if (this.#bytes.length < length) return;
      const message = {
        kind: this.#bytes.toString('latin1', 0, head),
        body: Buffer.from(this.#bytes.subarray(head + 4, length)),
      };
      this.#bytes = this.#bytes.subarray(length);
      this.#started = true;
      yield message;
    }
  }
}

/** A message to a client. */
export function message(kind: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(kind, 'latin1'), int32(body.length + 4), body]);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

export const text = (value: string): Buffer => Buffer.from(`${value}\0`);

/** A value with its length before it; null is NULL. */
export function value(of: string | null): Buffer {
  if (of === null) return int32(-1);
  const bytes = Buffer.from(of);
  return Buffer.concat([int32(bytes.length), bytes]);
}

/** Reads the fields of a message in their order. */
export class BodyReader {
  readonly #body: Buffer;
  #at = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  text(): string {
    const end = this.#body.indexOf(0, this.#at);
    const found = this.#body.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return found;
  }

  int16(): number {
    this.#at += 2;
    return this.#body.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#body.readInt32BE(this.#at - 4);
  }

  value(): string | null {
    const length = this.int32();
    if (length < 0) return null;
    this.#at += length;
    return this.#body.toString('utf8', this.#at - length, this.#at);
  }
}
