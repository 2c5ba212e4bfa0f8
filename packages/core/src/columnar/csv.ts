import { Scratch, type RowReader, type RowSink } from './rowReader.ts';

const comma = 44;
const quote = 34;
const newline = 10;

/**
 * Reads what PostgreSQL's `COPY … TO STDOUT (FORMAT csv)` writes: an empty cell is NULL, `""` is the empty text, and
 * within quotes a quote is doubled and all else, newlines included, stands for itself
 * (https://www.postgresql.org/docs/current/sql-copy.html, "CSV Format").
 */
export function csvReader(columns: number): RowReader {
  const scratch = new Scratch();
  return (bytes, sink) => {
    let start = 0;
    while (start < bytes.length) {
      const next = readRow(bytes, start, columns, scratch, sink);
      if (next < 0) {
        sink.abandonRow();
        return start;
      }
      sink.endRow(bytes, start, next - 1);
      start = next;
    }
    return start;
  };
}

/** Reads one row; returns where the next one starts, or -1 where the bytes end before the row does. */
function readRow(bytes: Uint8Array, start: number, columns: number, scratch: Scratch, sink: RowSink): number {
  const length = bytes.length;
  let at = start;
  for (let column = 0; ; column++) {
    if (column === columns) throw new RangeError(`a row has more than ${columns} cells`);
    const first = at;
    if (bytes[at] === quote) {
      let doubled = 0;
      for (at++; ; at++) {
        while (at < length && bytes[at] !== quote) at++;
        if (at + 1 >= length) return -1;
        if (bytes[at + 1] !== quote) break;
        doubled++;
        at++;
      }
      if (doubled === 0) sink.cell(column, bytes, first + 1, at);
      else sink.cell(column, scratch.bytes, 0, unescape(bytes, first + 1, at, scratch));
      at++;
    } else {
      while (at < length && bytes[at] !== comma && bytes[at] !== newline) at++;
      if (at >= length) return -1;
      if (at === first) sink.nullCell(column);
      else sink.cell(column, bytes, first, at);
    }
    const delimiter = bytes[at++];
    if (delimiter === newline) {
      if (column + 1 !== columns) throw new RangeError(`a row has ${column + 1} cells where the header has ${columns}`);
      return at;
    }
    if (delimiter !== comma) throw new RangeError('a closing quote is not followed by a comma or a line end');
  }
}

function unescape(bytes: Uint8Array, start: number, end: number, scratch: Scratch): number {
  scratch.reserve(end - start);
  const out = scratch.bytes;
  let length = 0;
  for (let i = start; i < end; i++) {
    out[length++] = bytes[i]!;
    if (bytes[i] === quote) i++;
  }
  return length;
}

/** The names in a header line, the line's end left out. */
export function csvHeader(line: string): string[] {
  return Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g), ([, quoted, plain]) =>
    quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
  );
}
