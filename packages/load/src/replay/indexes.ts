import { identifier } from '@totes/core';
import type { Client } from 'pg';
import { readIndexes, type Index } from './carried.ts';

/** The statements that give the tables of one schema the indexes that those of another have and they have not. */
export async function missingIndexes(client: Client, from: string, to: string): Promise<string[]> {
  const there = await readIndexes(client, to);
  const same = (a: Index, b: Index): boolean => a.table === b.table && a.unique === b.unique && a.method === b.method;
  return (await readIndexes(client, from))
    .filter((index) => !there.some((other) => same(index, other)))
    .map(
      ({ table, name, unique, method }) =>
        `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${identifier(name)} ON ${identifier(to, table)} ${method}`,
    );
}
