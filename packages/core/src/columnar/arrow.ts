import {
  Bool,
  DateDay,
  Decimal,
  Field,
  Int32,
  makeData,
  RecordBatch,
  Schema as ArrowSchema,
  Struct,
  Table,
  TimeMicrosecond,
  Utf8,
  type Data,
  type DataType,
} from 'apache-arrow';
import type { ColumnType } from '../tables/types.ts';
import {
  numericStorage,
  type Batch,
  type Column,
  type DecimalColumn,
  type FixedColumn,
  type Schema,
  type TextColumn,
} from './column.ts';

/** The column that holds what a numeric column's decimal cannot: see NumericColumn. */
export const exactName = (column: string): string => `${column}_exact`;

/** The Arrow fields of a table; a numeric column becomes two. */
export function arrowFields(schema: Schema): Field[] {
  return schema.flatMap(({ name, type, nullable }) =>
    type.kind === 'numeric'
      ? [new Field(name, arrowType(type), true), new Field(exactName(name), new Utf8(), true)]
      : [new Field(name, arrowType(type), nullable)],
  );
}

function arrowType(type: ColumnType): DataType {
  switch (type.kind) {
    case 'boolean':
      return new Bool();
    case 'integer':
      return new Int32();
    case 'date':
      return new DateDay();
    case 'time':
      return new TimeMicrosecond();
    case 'text':
      return new Utf8();
    case 'decimal':
      return new Decimal(type.scale, type.precision, 128);
    case 'numeric':
      return new Decimal(numericStorage.scale, numericStorage.precision, 128);
    case 'timestamp':
      throw new RangeError('the star has no timestamp columns: a date and a time stand for one');
  }
}

/** The batches as an Arrow table, sharing their memory where the layouts agree. */
export function toArrow(batches: readonly Batch[], schema: Schema): Table {
  const fields = arrowFields(schema);
  const arrowSchema = new ArrowSchema(fields);
  const recordBatches = batches.map(({ rows, columns }) => {
    const children = columns.flatMap((column) => toData(column, rows));
    return new RecordBatch(arrowSchema, makeData({ type: new Struct(fields), length: rows, nullCount: 0, children }));
  });
  return new Table(arrowSchema, recordBatches);
}

function toData(column: Column, length: number): Data[] {
  if (column.kind === 'numeric') return [...toData(column.decimal, length), ...toData(column.exact, length)];
  const nulls =
    column.valid === null ? { nullCount: 0 } : { nullBitmap: packBits(column.valid, length), nullCount: -1 };
  switch (column.kind) {
    case 'text':
      return [makeData({ type: new Utf8(), length, ...nulls, valueOffsets: column.offsets, data: column.bytes })];
    case 'decimal':
      return [
        makeData({ type: new Decimal(column.scale, column.precision, 128), length, ...nulls, data: column.words }),
      ];
    case 'boolean':
      return [makeData({ type: new Bool(), length, ...nulls, data: packBits(column.values as Uint8Array, length) })];
    case 'integer':
      return [makeData({ type: new Int32(), length, ...nulls, data: column.values as Int32Array })];
    case 'date':
      return [makeData({ type: new DateDay(), length, ...nulls, data: column.values as Int32Array })];
    case 'time':
      return [
        makeData({ type: new TimeMicrosecond(), length, ...nulls, data: toInt64(column.values as Float64Array) }),
      ];
  }
}

/** The rows of an Arrow record batch, its columns in the schema's order. */
export function fromArrow(batch: RecordBatch, schema: Schema): Batch {
  const child = (name: string): Data => {
    const vector = batch.getChild(name);
    if (vector === null) throw new RangeError(`the object has no column ${name}`);
    return vector.data[0] as Data;
  };
  return {
    rows: batch.numRows,
    columns: schema.map(({ name, type }) => {
      if (type.kind !== 'numeric') return fromData(child(name), type);
      const decimal = fromData(child(name), { kind: 'decimal', ...numericStorage }) as DecimalColumn;
      return { kind: 'numeric', decimal, exact: fromData(child(exactName(name)), { kind: 'text' }) as TextColumn };
    }),
  };
}

function fromData(
  data: Data,
  type: Exclude<ColumnType, { kind: 'numeric' }>,
): FixedColumn | TextColumn | DecimalColumn {
  const { length } = data;
  const valid = data.nullCount === 0 ? null : unpackBits(data.nullBitmap, length, data.offset);
  const values: unknown = data.values;
  switch (type.kind) {
    case 'text':
      return { kind: 'text', offsets: data.valueOffsets as Int32Array, bytes: values as Uint8Array, valid };
    case 'decimal':
      return { kind: 'decimal', precision: type.precision, scale: type.scale, words: values as Uint32Array, valid };
    case 'boolean':
      return { kind: 'boolean', values: unpackBits(values as Uint8Array, length, data.offset), valid };
    case 'time':
      return { kind: 'time', values: fromInt64(values as BigInt64Array), valid };
    case 'integer':
    case 'date':
      return { kind: type.kind, values: values as Int32Array, valid };
    case 'timestamp':
      throw new RangeError('the star has no timestamp columns: a date and a time stand for one');
  }
}

function packBits(bytes: Uint8Array, length: number): Uint8Array {
  const bits = new Uint8Array((length + 7) >> 3);
  for (let i = 0; i < length; i++) if (bytes[i] !== 0) bits[i >> 3]! |= 1 << (i & 7);
  return bits;
}

function unpackBits(bits: Uint8Array, length: number, offset: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (bits[(offset + i) >> 3]! >> ((offset + i) & 7)) & 1;
  return bytes;
}

/** Whole numbers below 2^53 as 64-bit integers, without a BigInt for each. */
function toInt64(values: Float64Array): BigInt64Array {
  const words = new Uint32Array(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    const low = values[i]! % 2 ** 32;
    words[i * 2] = low;
    words[i * 2 + 1] = (values[i]! - low) / 2 ** 32;
  }
  return new BigInt64Array(words.buffer);
}

function fromInt64(values: BigInt64Array): Float64Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  return Float64Array.from({ length: values.length }, (_, i) => words[i * 2 + 1]! * 2 ** 32 + words[i * 2]!);
}
