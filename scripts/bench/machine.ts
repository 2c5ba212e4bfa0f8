import { cpus, totalmem } from 'node:os';
import { onDatabase, type Databases } from './databases.ts';

/** The machine and the programs that figures are of. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly node: string;
  readonly postgres: string;
}

/** The machine that this runs on, with the server of those databases. */
export async function thisMachine(databases: Databases): Promise<Machine> {
  const version = await onDatabase(databases.url('postgres'), (client) =>
    client.query<{ server_version: string }>('SHOW server_version'),
  );
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    postgres: `PostgreSQL ${version.rows[0]!.server_version}`,
  };
}
