import type { Client } from 'pg';
import { connectPostgres, type PostgresTarget } from './connect.ts';

/** Connects as `connectPostgres` does, works, and ends the connection whatever came of it. */
export async function withPostgres<T>(target: PostgresTarget, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connectPostgres(target);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
