import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

/** A DuckDB in memory: a reader of the lake that shares no code with what writes it. */
export interface DuckDb {
  /** Runs a statement, and gives its rows with the values as DuckDB itself writes them; NULL is null. */
  query(sql: string): Promise<Record<string, string | null>[]>;
  close(): void;
}

/** Opens a database of its own, with no more than one thread and 512 MB. */
export async function openDuckDb(): Promise<DuckDb> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '512MB' });
  const connection: DuckDBConnection = await instance.connect();
  return {
    async query(sql) {
      const result = await connection.runAndReadAll(sql);
      const names = result.columnNames();
      return result
        .getRows()
        .map((row) => Object.fromEntries(row.map((value, i) => [names[i]!, value === null ? null : String(value)])));
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
