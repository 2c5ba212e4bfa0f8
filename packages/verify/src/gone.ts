import { identifier, sourceTables } from '@totes/core';
import type { KeysToRead } from './keysToRead.ts';
import { sampleSize, type Gone } from './result.ts';
import type { SetAside } from './setAside.ts';
import type { Side } from './side.ts';

/**
 * Finds the rows that are set aside though the source has them no more. Neither side shows them, and they would come
 * into force once what they wait for arrives. Adds their keys to `keys`: to be read again takes them off the list.
 *
 * @param schema the source's
 * @returns by source table; no table without any
 */
export async function findGone(
  source: Side,
  schema: string,
  setAside: SetAside,
  keys: KeysToRead,
): Promise<Record<string, Gone>> {
  const gone: Record<string, Gone> = {};
  for (const { name, key } of sourceTables) {
    const waiting = setAside.keysOf(name);
    if (waiting.length === 0) continue;
    const absent = await source.query<{ key: number }>(
      `SELECT waiting.key FROM unnest($1::integer[]) AS waiting (key)
       WHERE NOT EXISTS (SELECT FROM ${identifier(schema, name)} AS present WHERE present.${identifier(key)} = waiting.key)
       ORDER BY waiting.key`,
      [waiting],
    );
    for (const row of absent) keys.add(name, row.key);
    if (absent.length === 0) continue;
    gone[name] = { rows: absent.length, keys: absent.slice(0, sampleSize).map((row) => row.key) };
  }
  return gone;
}
