import type { Cells, RowReader } from './cells.ts';

const comma = 44;
const quote = 34;
const newline = 10;

/**
 * Reads what PostgreSQL's `COPY … TO STDOUT (FORMAT csv)` writes: an empty cell is NULL, `""` is the empty text, and
 * within quotes a quote is doubled and all else, newlines included, stands for itself
 * (https://www.postgresql.org/docs/current/sql-copy.html, "CSV Format").
 */
export function csvReader(columns: number): RowReader {
  return (bytes, cells) => {
    let start = 0;
    while (start < bytes.length) {
      const next = readRow(bytes, start, columns, cells);
      if (next < 0) return start;
      cells.endRow(start, next - 1);
      start = next;
    }
    return start;
  };
}

/** Reads one row; returns where the next one starts, or -1 where the bytes end before the row does. */
function readRow(bytes: Uint8Array, start: number, columns: number, cells: Cells): number {
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
      if (doubled === 0) cells.cell(column, first + 1, at);
      else unescaped(cells, column, bytes.subarray(first + 1, at));
      at++;
    } else {
      while (at < length && bytes[at] !== comma && bytes[at] !== newline) at++;
      if (at >= length) return -1;
      if (at === first) cells.nullCell(column);
      else cells.cell(column, first, at);
    }
    const delimiter = bytes[at++];
    if (delimiter === newline) {
      if (column + 1 !== columns) throw new RangeError(`a row has ${column + 1} cells where the header has ${columns}`);
      return at;
    }
    if (delimiter !== comma) throw new RangeError('a closing quote is not followed by a comma or a line end');
  }
}

const unescaped = (cells: Cells, column: number, text: Uint8Array): void => {
  cells.unescapedCell(column, text.length, (out) => {
    let length = 0;
    for (let i = 0; i < text.length; i++) {
      out[length++] = text[i]!;
      if (text[i] === quote) i++;
    }
    return length;
  });
};

/** The names in a header line, the line's end left out. */
export function csvHeader(line: string): string[] {
  return Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g), ([, quoted, plain]) =>
    quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
  );
}
