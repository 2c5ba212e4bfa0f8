import { createHash } from 'node:crypto';
import { facts, identifier, starTables, WarehouseMismatch, WarehouseRefused } from '@totes/core';
import type { Client } from 'pg';
import { retiredTables } from '../retired.ts';
import { longestName } from '../schemaName.ts';
import { readSchema } from '../catalog.ts';
import { createMissingSchema, planSchema } from '../schemaPlan.ts';
import { forgetLoads } from '../sql/ledger.ts';
import { dropSchema, dropTables, markSchema, schemaMarkQuery, vacuumTables } from '../sql/shadow.ts';
import { writeTransaction } from '../transaction.ts';
import { missingIndexes } from './indexes.ts';

const suffix = '_replay';

const shadowTables = [...starTables, ...retiredTables].map(({ name }) => name);

/**
 * The name of the schema in which another one is rebuilt: the same each time, so that what a killed replay left is
 * found. A long name is cut, and told from others that begin alike by a part of its digest.
 */
export function shadowName(schema: string): string {
  if (Buffer.byteLength(schema) + suffix.length <= longestName) return `${schema}${suffix}`;
  const end = `_${createHash('sha256').update(schema).digest('hex').slice(0, 8)}${suffix}`;
  const letters = Array.from(schema);
  while (Buffer.byteLength(letters.join('')) + end.length > longestName) letters.pop();
  return `${letters.join('')}${end}`;
}

const markOf = (schema: string): string => `Schema ${schema} being rebuilt by totes replay, which drops it again.`;

/** Makes the shadow of a schema, with empty star tables; what a killed replay left of it is dropped first. */
export async function createShadow(client: Client, schema: string): Promise<string> {
  const shadow = shadowName(schema);
  await dropShadow(client, schema);
  await writeTransaction(client, async () => {
    const state = await readSchema(client, shadow);
    const { before, after } = planSchema({ ...state, exists: true }, []);
    const statements = [...createMissingSchema(state), markSchema(shadow, markOf(schema)), ...before, ...after];
    for (const statement of statements) await client.query(statement);
  });
  return shadow;
}

/** Drops the star tables of a shadow, empty as they are: those that a load makes get their keys once they are filled. */
export async function bareShadow(client: Client, shadow: string): Promise<void> {
  await client.query(dropTables(shadow, shadowTables));
}

/**
 * Drops the shadow of a schema, if it is there, and what the ledger says of it. Throws WarehouseRefused where a schema of
 * its name holds anything and no replay made it; an empty one may have been made for the replay.
 */
export async function dropShadow(client: Client, schema: string): Promise<void> {
  const shadow = shadowName(schema);
  await writeTransaction(client, async () => {
    const [found] = (await client.query<{ mark: string | null; filled: boolean }>(schemaMarkQuery, [shadow])).rows;
    const isOurs = found?.mark === markOf(schema);
    if (found?.filled === true && !isOurs) {
      throw new WarehouseRefused(
        `the warehouse has a schema "${shadow}" that no replay made, and replay needs that name to rebuild "${schema}": rename it`,
      );
    }
    if (isOurs) await client.query(`${dropSchema(shadow)} CASCADE`);
    await client.query(forgetLoads, [shadow]);
  });
}

/**
 * Makes the indexes that users gave the star tables, and reclaims and analyzes all tables, while nobody waits. Throws
 * WarehouseMismatch where a fact does not have the rows that were loaded.
 *
 * @param loaded the rows loaded, by warehouse table
 */
export async function finishShadow(
  client: Client,
  schema: string,
  loaded: Readonly<Record<string, number>>,
): Promise<void> {
  const shadow = shadowName(schema);
  await writeTransaction(client, async () => {
    await client.query('SET LOCAL search_path = pg_catalog');
    for (const statement of await missingIndexes(client, schema, shadow)) await client.query(statement);
  });
  await client.query(vacuumTables(shadow, shadowTables));
  for (const { name } of facts) {
    const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${identifier(shadow, name)}`);
    if (Number(rows[0]!.count) === loaded[name]) continue;
    throw new WarehouseMismatch(
      `${name} in schema "${shadow}" has ${rows[0]!.count} rows, though ${loaded[name]} were loaded: something else wrote to it`,
    );
  }
}
