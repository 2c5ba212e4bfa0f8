import { isKey, LakeCorrupt, type LookRequest, sourceTables } from '@totes/core';

/** What of a request can be looked for. */
export interface Askable {
  /** By declared table. */
  readonly keys: readonly (readonly [table: string, keys: readonly number[]])[];
  /** What a person should know. */
  readonly notices: readonly string[];
}

/**
 * Tells what of a request to look for. A table that is not declared is left out with a notice: a release that declares
 * more may have asked.
 *
 * @param where the request's object, for messages
 * @throws LakeCorrupt where it names a key of a declared table that is not an int4
 */
export function askable({ keys = {} }: LookRequest, where: string): Askable {
  const isDeclared = ([table]: readonly [string, unknown]): boolean => sourceTables.some(({ name }) => name === table);
  const asked = Object.entries(keys);
  for (const [table, of] of asked.filter(isDeclared)) {
    const wrong: unknown = Array.isArray(of) ? of.find((key) => typeof key !== 'number' || !isKey(key)) : of;
    if (wrong === undefined) continue;
    throw new LakeCorrupt(
      `${where} asks for key ${JSON.stringify(wrong)} of ${table}, expected an int4: upgrade this release if a newer one ` +
        'wrote it, or remove it and all requests after it, and ask again',
    );
  }
  const others = asked.filter((each) => !isDeclared(each)).map(([table]) => JSON.stringify(table));
  return {
    keys: asked.filter(isDeclared),
    notices: others.map(
      (table) => `${where} asks for table ${table}, which this release does not declare: passed over`,
    ),
  };
}
