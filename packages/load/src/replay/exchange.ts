import { facts, failure, identifier, starTables, whereIs } from '@totes/core';
import type { Client } from 'pg';
import { retiredTables } from '../retired.ts';
import { createSchema } from '../sql/ddl.ts';
import { forgetLoads } from '../sql/ledger.ts';
import { dropSchema, takeOverLoads } from '../sql/shadow.ts';
import type { Survey } from '../survey.ts';
import { readCarried, type Carried, type CarriedRelation } from './carried.ts';
import { createView, creationOrder, grants, likeBefore } from './carryOver.ts';
import { missingIndexes } from './indexes.ts';

/**
 * How long each of the two statements that wait for others may wait, in milliseconds. Readers queue behind them, and
 * one that holds what they wait for may want what they hold: together they end before the second after which
 * PostgreSQL looks for a deadlock, so that never the reader is ended.
 */
const waitMillis = 400;

const relations = [
  ...[...starTables, ...retiredTables].map(({ name }) => ({ name, kind: 'TABLE' })),
  ...facts.map(({ currentView }) => ({ name: currentView, kind: 'VIEW' })),
];

/**
 * Puts the relations of `shadow` in the place of the star of the schema surveyed, in the caller's transaction, under
 * the lock of loads. What has to be waited for comes first; the rest are changes of the catalog, which take no time.
 */
export async function exchange(client: Client, { schema, relations: found }: Survey, shadow: string): Promise<void> {
  const present = (kind: 'table' | 'view'): string[] =>
    found.filter((relation) => relation.kind === kind).map(({ name }) => identifier(schema.name, name));
  await client.query(`SET LOCAL search_path = pg_catalog; SET LOCAL statement_timeout = ${waitMillis}`);
  // Nobody makes a view of a table that is locked: what is read now is all there is.
  await forAll(client, 'LOCK TABLE', present('table'), 'IN ACCESS EXCLUSIVE MODE');
  const carried = await readCarried(client, schema.name);
  const usersViews = creationOrder(carried.relations.filter(({ isStar }) => !isStar));
  const outermostFirst = usersViews.map((view) => identifier(view.schema, view.name)).reverse();
  await forAll(client, 'DROP VIEW', [...outermostFirst, ...present('view')]);
  await client.query('SET LOCAL statement_timeout = 0');
  for (const statement of await missingIndexes(client, schema.name, shadow)) await client.query(statement);
  await forAll(client, 'DROP TABLE', present('table'));

  if (!schema.exists) await client.query(createSchema(schema.name));
  for (const { kind, name } of relations) {
    await client.query(`ALTER ${kind} ${identifier(shadow, name)} SET SCHEMA ${identifier(schema.name)}`);
  }
  await carryOver(client, schema.name, carried, usersViews);
  await client.query(forgetLoads, [schema.name]);
  await client.query(takeOverLoads, [schema.name, shadow]);
  await client.query(dropSchema(shadow));
}

async function forAll(client: Client, verb: string, names: readonly string[], how = ''): Promise<void> {
  if (names.length > 0) await client.query(`${verb} ${names.join(', ')} ${how}`);
}

/** Makes users' views again, and gives all relations the owners, options, comments and rights of those before them. */
async function carryOver(
  client: Client,
  schema: string,
  carried: Carried,
  usersViews: readonly CarriedRelation[],
): Promise<void> {
  const me = (await client.query<{ me: string }>('SELECT current_user::text AS me')).rows[0]!.me;
  const star = carried.relations.filter(({ isStar }) => isStar);
  for (const relation of [...star, ...usersViews]) {
    const { kind, name, owner, isStar } = relation;
    const target = identifier(relation.schema, name);
    const statements = likeBefore(relation, carried.defaultGrantees);
    try {
      if (isStar && owner !== me) await client.query(`ALTER ${kind} ${target} OWNER TO ${identifier(owner)}`);
      // As its owner, who may name what the view shows where this role may not, and whose grants they were.
      if (owner !== me) await client.query(`SET LOCAL ROLE ${identifier(owner)}`);
      for (const statement of isStar ? statements : [createView(relation), ...statements]) {
        await client.query(statement);
      }
      if (owner !== me) await client.query(`SET LOCAL ROLE ${identifier(me)}`);
    } catch (error) {
      throw failure('warehouse', `${whereIs(client)}, making ${kind} ${target} of ${owner} as it was`, error);
    }
  }
  for (const { name } of relations.filter(({ name }) => !star.some((relation) => relation.name === name))) {
    for (const statement of grants(identifier(schema, name), carried.defaultRights)) await client.query(statement);
  }
}
