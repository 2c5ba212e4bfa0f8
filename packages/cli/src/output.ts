import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';
export type Paint = (style: Style, text: string) => string;

/** Where a command writes: results to stdout, progress and errors to stderr. */
export interface Terminal {
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
  /** Replaces the line of progress; does nothing where stderr is not a terminal. */
  readonly progress: (line: string) => void;
  /** Colours for `out`; a terminal without it has none. */
  readonly paint?: Paint;
}

/** The process's own terminal. */
export function processTerminal(): Terminal {
  const clear = '\r\u001b[K';
  let shown = false;
  const write = (stream: NodeJS.WriteStream, line: string): void => {
    if (shown) process.stderr.write(clear);
    shown = false;
    stream.write(`${line}\n`);
  };
  return {
    out: (line) => {
      write(process.stdout, line);
    },
    error: (line) => {
      write(process.stderr, line);
    },
    progress: (line) => {
      if (!process.stderr.isTTY) return;
      process.stderr.write(`${clear}${line.slice(0, (process.stderr.columns || 80) - 1)}`);
      shown = true;
    },
    // Heeds NO_COLOR and FORCE_COLOR, and whether stdout is a terminal.
    paint: (style, text) => styleText(style, text, { stream: process.stdout, validateStream: true }),
  };
}

const numbers = new Intl.NumberFormat('en-GB');

/** A number as people read it: 1,234,567. */
export const formatNumber = (value: number): string => numbers.format(value);

/** A size as people read it: 640 kB, 1.2 MB. */
export const formatBytes = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

/** Lines of a table: texts to the left, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? formatNumber(cell) : cell)));
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[], like: readonly (string | number)[] | undefined): string =>
    row
      .map((cell, i) => (typeof like?.[i] === 'number' ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(head, rows[0]), ...cells.map((row, i) => line(row, rows[i]))];
}

/** A span of time as people read it. */
export function formatSeconds(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** A line for each count that is not 0. */
export function rowLines(rows: Readonly<Record<string, number>>, title: string): string[] {
  const some = Object.entries(rows).filter(([, count]) => count > 0);
  return some.length === 0 ? [] : table(['', title], some);
}
