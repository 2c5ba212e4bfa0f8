import type { ColumnType } from '../tables/types.ts';

export { boolean, decimal, integer, text } from '../tables/types.ts';

/** The types of columns in a catalogue: those of the star, and whole numbers of 64 bits. */
export type CatalogType = Exclude<ColumnType, { kind: 'numeric' }> | { readonly kind: 'bigint' };

export const bigint = { kind: 'bigint' } as const;

/** How engines that read the lake write types. Glue takes Hive's names in tables, and Trino's in the text of views. */
export type Engine = 'hive' | 'trino' | 'duckdb';

/** Neither Hive nor Trino has a time of day in Parquet: its microseconds since midnight are read as they are. */
const names: Readonly<Record<Exclude<CatalogType['kind'], 'decimal'>, Readonly<Record<Engine, string>>>> = {
  integer: { hive: 'int', trino: 'integer', duckdb: 'INTEGER' },
  bigint: { hive: 'bigint', trino: 'bigint', duckdb: 'BIGINT' },
  text: { hive: 'string', trino: 'varchar', duckdb: 'VARCHAR' },
  boolean: { hive: 'boolean', trino: 'boolean', duckdb: 'BOOLEAN' },
  date: { hive: 'date', trino: 'date', duckdb: 'DATE' },
  time: { hive: 'bigint', trino: 'bigint', duckdb: 'TIME' },
  timestamp: { hive: 'timestamp', trino: 'timestamp(3)', duckdb: 'TIMESTAMP' },
};

/** The name that an engine has for a type. */
export const engineType = (type: CatalogType, engine: Engine): string =>
  type.kind === 'decimal' ? `decimal(${type.precision},${type.scale})` : names[type.kind][engine];
