import { DataType, tableFromIPC } from 'apache-arrow';
import { readParquet } from 'parquet-wasm';

/** A column of a Parquet object: its Arrow type, and each value as COPY's text has it; null for NULL. */
export interface FileColumn {
  readonly name: string;
  /** As Arrow writes it: `Int32`, `Decimal[10e+2]`, `Time64<MICROSECOND>` … */
  readonly type: string;
  readonly values: readonly (string | null)[];
}

/** Reads a Parquet object with nothing but its own schema, as a stranger to this product would: columns in the file's order. */
export function readFileColumns(bytes: Uint8Array): FileColumn[] {
  const table = tableFromIPC(readParquet(bytes).intoIPCStream());
  return table.schema.fields.map(({ name, type }) => {
    const vector = table.getChild(name)!;
    const texts = Array.from({ length: table.numRows }, (_, row) => text(type as DataType, vector.get(row)));
    return { name, type: String(type), values: texts };
  });
}

function text(type: DataType, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (DataType.isDecimal(type)) return decimalText(value as Uint32Array, type.scale);
  if (DataType.isDate(type)) return new Date(Number(value)).toISOString().slice(0, 10);
  return `${value as string | number | bigint | boolean}`;
}

function decimalText(words: Uint32Array, scale: number): string {
  const unscaled = [...words].reduce((sum, word, i) => sum + (BigInt(word) << BigInt(32 * i)), 0n);
  const value = BigInt.asIntN(128, unscaled);
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
