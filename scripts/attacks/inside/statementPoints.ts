import { Writable } from 'node:stream';
import pg from 'pg';
import { point } from './points.ts';

/** As the command line names its connection to the warehouse. */
const warehouse = 'totes warehouse';

/** Statements that cannot write; those that begin so and call a function that can are none of them. */
const reads = /^\s*(SET|SHOW|BEGIN[^;]* READ ONLY|SELECT(?![\s\S]*\b(INTO|nextval|setval)\b))\b/;

type Query = (this: pg.Client, ...given: unknown[]) => unknown;

/**
 * Makes points of every statement that the driver sends to the warehouse and that may write: before it is sent, when it
 * was sent and has no reply, and when it has; of a COPY, also when its first chunk was handed over.
 */
export function watchStatements(): void {
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const { query } = prototype;
  prototype.query = function (...given) {
    const text = textOf(given[0]);
    const name = (this as unknown as { connectionParameters: { application_name?: string } }).connectionParameters;
    if (name.application_name !== warehouse || text === undefined || reads.test(text)) return query.apply(this, given);
    const label = labelOf(text);
    if (given[0] instanceof Writable) watchCopy(given[0], label);
    point(`${label}, before`);
    const result = query.apply(this, given);
    point(`${label}, sent`);
    if (!(result instanceof Promise)) return result;
    return result.then((value: unknown) => {
      point(`${label}, after`);
      return value;
    });
  };
}

function textOf(statement: unknown): string | undefined {
  if (typeof statement === 'string') return statement;
  const { text } = statement as { text?: string };
  return text;
}

interface Writing {
  _write: (chunk: unknown, encoding: BufferEncoding, done: (error?: Error | null) => void) => void;
}

function watchCopy(stream: Writable, label: string): void {
  const writing = stream as Writing;
  const write = writing._write.bind(stream);
  let first = true;
  writing._write = (chunk, encoding, done) => {
    write(chunk, encoding, (error) => {
      if (first) point(`${label}, first chunk sent`);
      first = false;
      done(error);
    });
  };
  stream.prependListener('finish', () => {
    point(`${label}, after`);
  });
}

/** A statement's words up to the name it is about, and what kind of table that is: `INSERT INTO fact_…`. */
export function labelOf(text: string): string {
  const [writing] = /(INSERT INTO|UPDATE|DELETE FROM|MERGE INTO)\s[\s\S]*/.exec(text) ?? [];
  const statement = text.trimStart().startsWith('WITH') && writing !== undefined ? writing : text.trimStart();
  const verb = /^[A-Z]+( [A-Z]+){0,2}/.exec(statement)?.[0] ?? 'statement';
  const [, kind, own] = /\b(staging_|dim_|fact_|retired_|current_)|\betl\.(\w+)/.exec(statement) ?? [];
  if (kind !== undefined) return `${verb} ${kind}…`;
  return own === undefined ? verb : `${verb} etl.${own}`;
}
