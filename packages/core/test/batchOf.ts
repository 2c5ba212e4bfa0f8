import { columnBuilder } from '../src/columnar/builder.ts';
import type { Batch, Schema } from '../src/columnar/column.ts';

/** Rows given as text, as a batch. A time is given as a timestamp, which is how sources have it. */
export function batchOf(schema: Schema, rows: readonly (readonly (string | null)[])[]): Batch {
  const builders = schema.map(({ type }) => columnBuilder(type, type.kind === 'time' ? 'timeOf' : 'value'));
  for (const cells of rows) {
    cells.forEach((value, i) => {
      if (value === null) builders[i]!.pushNull();
      else builders[i]!.push(Buffer.from(value), 0, Buffer.byteLength(value));
    });
  }
  return { rows: rows.length, columns: builders.map((builder) => builder.finish()) };
}
