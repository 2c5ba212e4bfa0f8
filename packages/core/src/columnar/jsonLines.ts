import type { Cells, RowReader } from './cells.ts';

const quote = 34;
const backslash = 92;
const comma = 44;
const colon = 58;
const newline = 10;
const openBrace = 123;
const closeBrace = 125;
const openBracket = 91;
const closeBracket = 93;
const letterN = 110;
const letterU = 117;

/** What stands behind a backslash, but for \u. RFC 8259 section 7. */
const escapes = new Map(
  Object.entries({ '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }).map(
    ([letter, stands]) => [letter.charCodeAt(0), stands.charCodeAt(0)],
  ),
);

/**
 * Reads one JSON object a line, as PostgreSQL's row_to_json writes it, cells by name. A number keeps its text, so no
 * digit passes through a binary fraction; an object or array is a cell's text as it stands.
 */
export function jsonReader(columns: readonly string[]): RowReader {
  const names = columns.map((name) => Buffer.from(JSON.stringify(name)));
  return (bytes, cells) => {
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(newline, start);
      if (end < 0) return start;
      new Line(bytes, start, end, names, cells).read();
      cells.endRow(start, end);
      start = end + 1;
    }
  };
}

class Line {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #names: readonly Uint8Array[];
  readonly #cells: Cells;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number, names: readonly Uint8Array[], cells: Cells) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#names = names;
    this.#cells = cells;
  }

  read(): void {
    this.#expect(openBrace);
    for (let expected = 0; expected < this.#names.length; expected++) {
      if (expected > 0) this.#expect(comma);
      const column = this.#name(expected);
      this.#expect(colon);
      this.#value(column);
    }
    this.#expect(closeBrace);
    if (this.#at !== this.#end) throw new RangeError('a line goes on after its object');
  }

  /** PostgreSQL writes the names in the order of the select list, so the one expected is nearly always there. */
  #name(expected: number): number {
    for (let i = 0; i < this.#names.length; i++) {
      const column = (expected + i) % this.#names.length;
      const name = this.#names[column]!;
      if (this.#startsWith(name)) {
        this.#at += name.length;
        return column;
      }
    }
    throw new RangeError('a line has a name that is not among the columns');
  }

  #startsWith(name: Uint8Array): boolean {
    for (let i = 0; i < name.length; i++) if (this.#bytes[this.#at + i] !== name[i]) return false;
    return true;
  }

  #value(column: number): void {
    const first = this.#at;
    const byte = this.#bytes[first];
    if (byte === quote) {
      const escaped = this.#skipText();
      const end = this.#at - 1;
      if (escaped) this.#cells.unescapedCell(column, end - first, (out) => this.#unescape(first + 1, end, out));
      else this.#cells.cell(column, first + 1, end);
    } else if (byte === openBrace || byte === openBracket) {
      this.#skipNested();
      this.#cells.cell(column, first, this.#at);
    } else {
      while (this.#at < this.#end && this.#bytes[this.#at] !== comma && this.#bytes[this.#at] !== closeBrace)
        this.#at++;
      if (byte === letterN) this.#cells.nullCell(column);
      else this.#cells.cell(column, first, this.#at);
    }
  }

  /** Passes a text, its quotes included, and tells whether it has an escape. */
  #skipText(): boolean {
    let escaped = false;
    for (this.#at++; this.#at < this.#end; this.#at++) {
      const byte = this.#bytes[this.#at];
      if (byte === quote) {
        this.#at++;
        return escaped;
      }
      if (byte === backslash) {
        escaped = true;
        this.#at++;
      }
    }
    throw new RangeError('a line ends within a text');
  }

  #skipNested(): void {
    let depth = 0;
    do {
      const byte = this.#bytes[this.#at];
      if (this.#at >= this.#end) throw new RangeError('a line ends within an object or array');
      if (byte === quote) {
        this.#skipText();
        continue;
      }
      if (byte === openBrace || byte === openBracket) depth++;
      if (byte === closeBrace || byte === closeBracket) depth--;
      this.#at++;
    } while (depth > 0);
  }

  #unescape(start: number, end: number, out: Uint8Array): number {
    let length = 0;
    for (let i = start; i < end; i++) {
      if (this.#bytes[i] !== backslash) {
        out[length++] = this.#bytes[i]!;
        continue;
      }
      const letter = this.#bytes[++i]!;
      const stands = escapes.get(letter);
      if (stands !== undefined) {
        out[length++] = stands;
      } else if (letter === letterU) {
        // PostgreSQL escapes control characters only, but JSON allows any, surrogate pairs included.
        let until = i + 5;
        while (this.#bytes[until] === backslash && this.#bytes[until + 1] === letterU && until < end) until += 6;
        const text = JSON.parse(`"${Buffer.from(this.#bytes.subarray(i - 1, until)).toString('latin1')}"`) as string;
        length += Buffer.from(out.buffer, out.byteOffset).write(text, length, 'utf8');
        i = until - 1;
      } else {
        throw new RangeError('a text has an unknown escape');
      }
    }
    return length;
  }

  #expect(byte: number): void {
    if (this.#bytes[this.#at++] !== byte) {
      throw new RangeError(`a line lacks the ${String.fromCharCode(byte)} expected at its byte ${this.#at}`);
    }
  }
}
