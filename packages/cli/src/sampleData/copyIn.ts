import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from } from 'pg-copy-streams';
import type { Row } from './orders.ts';
import type { TableName } from './totesys.ts';

/** Characters of a chunk: large enough that messages are few, small enough for steady progress. */
const chunkLength = 64 * 1024;

/**
 * Streams rows into an empty table that the open transaction has made, gives them the keys 1, 2, 3…, and resolves to
 * their number. It holds some chunks in memory, never the table. `onRows` is told the number so far.
 */
export async function copyIn(
  client: pg.Client,
  table: TableName,
  rows: Iterator<Row, void>,
  onRows: (rows: number) => void,
): Promise<number> {
  const first = rows.next();
  if (first.done === true) return 0;
  let count = 0;

  function* chunks(): Generator<Buffer, void, undefined> {
    let chunk = '';
    for (let next: IteratorResult<Row, void> = first; next.done !== true; next = rows.next()) {
      chunk += line(++count, next.value);
      if (chunk.length < chunkLength) continue;
      yield Buffer.from(chunk);
      onRows(count);
      chunk = '';
    }
    yield Buffer.from(chunk);
  }

  // Nobody else can see the table yet, so its rows may be written as old ones, which no later reader has to mark.
  const sql = `COPY public.${table} (${table}_id, ${Object.keys(first.value).join(', ')}) FROM STDIN WITH (FREEZE)`;
  await pipeline(Readable.from(chunks(), { objectMode: false }), client.query(from(sql)));
  onRows(count);
  return count;
}

function line(id: number, row: Row): string {
  let text = String(id);
  for (const value of Object.values(row)) text += `\t${field(value)}`;
  return `${text}\n`;
}

const special = /[\\\t\n\r]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A value as COPY's text format writes it: https://www.postgresql.org/docs/current/sql-copy.html */
function field(value: Row[string]): string {
  if (value === null) return '\\N';
  if (typeof value !== 'string' || !special.test(value)) return String(value);
  return value.replace(/[\\\t\n\r]/g, (character) => escapes[character]!);
}
