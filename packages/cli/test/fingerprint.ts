import { sourceTables } from '@totes/core';
import type { TestDatabase } from '../../../scripts/jest/database.ts';

/** A hash of every value of every table of totesys, by table. */
export async function fingerprint(database: TestDatabase): Promise<Record<string, string | null>> {
  const hashes = sourceTables.map(
    ({ name, key }) =>
      `(SELECT md5(string_agg(each::text, chr(10) ORDER BY ${key})) FROM public.${name} each) AS ${name}`,
  );
  const [row] = await database.query<Record<string, string | null>>(`SELECT ${hashes.join(', ')}`);
  return row!;
}
