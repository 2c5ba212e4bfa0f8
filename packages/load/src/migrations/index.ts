import { sql as loadLog } from './0001_load_log.ts';

/** A step of the etl schema's history. Forward only: one that was released is never changed. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [{ number: 1, name: 'load_log', sql: loadLog }];
