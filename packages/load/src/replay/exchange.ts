import { facts, failure, identifier, literal, starTables, whereIs } from '@totes/core';
import type { Client } from 'pg';
import { retiredTables } from '../retired.ts';
import { createSchema } from '../sql/ddl.ts';
import { sequencesQuery } from '../sql/carried.ts';
import { forgetLoads } from '../sql/ledger.ts';
import { dropSchema, takeOverLoads } from '../sql/shadow.ts';
import type { Survey } from '../survey.ts';
import { readCarried, type Carried, type CarriedRelation } from './carried.ts';
import { createView, creationOrder, grants, likeBefore, rightsLikeBefore } from './carryOver.ts';
import { missingIndexes } from './indexes.ts';

/**
 * How long to wait for others at a time, in milliseconds. Readers queue behind this wait, and one that holds what it
 * wants may want what it holds: it ends before the second after which PostgreSQL looks for a deadlock, so that never
 * the reader is ended.
 */
const waitMillis = 800;

const relations = [
  ...[...starTables, ...retiredTables].map(({ name }) => ({ name, kind: 'TABLE' })),
  ...facts.map(({ currentView }) => ({ name: currentView, kind: 'VIEW' })),
];

/**
 * Puts the relations of `shadow` in the place of the star of the schema surveyed, in the caller's transaction, under
 * the lock of loads. What has to be waited for comes first; the rest are changes of the catalog, which take no time.
 */
export async function exchange(client: Client, { schema }: Survey, shadow: string): Promise<void> {
  await client.query('SET LOCAL search_path = pg_catalog');
  await lockAll(client, creationOrder((await readCarried(client, schema.name)).relations));
  const carried = await readCarried(client, schema.name);
  const usersViews = creationOrder(carried.relations.filter(({ isStar }) => !isStar));
  const [views, tables] = splitByKind(carried.relations);
  await inOneTrip(client, [
    ...(await missingIndexes(client, schema.name, shadow)),
    ...(views.length > 0 ? [`DROP VIEW ${namesOf(views)}`] : []),
    ...(tables.length > 0 ? [`DROP TABLE ${namesOf(tables)}`] : []),
    ...(schema.exists ? [] : [createSchema(schema.name)]),
    ...relations.map(
      ({ kind, name }) => `ALTER ${kind} ${identifier(shadow, name)} SET SCHEMA ${identifier(schema.name)}`,
    ),
  ]);
  await carryOver(client, schema.name, carried, usersViews);
  await client.query(forgetLoads, [schema.name]);
  await client.query(takeOverLoads, [schema.name, shadow]);
  await client.query(dropSchema(shadow));
}

/**
 * Keeps everybody from relations that were read in creation order. Views come first, the outermost before those that it
 * shows, as a reader takes them: one that has a view would keep it, and wait for a table that is taken. LOCK TABLE would
 * take all that a view shows, and in the name of its owner, so it is done by giving the view to the owner that it has.
 */
async function lockAll(client: Client, relations: readonly CarriedRelation[]): Promise<void> {
  if (relations.length === 0) return;
  const [views, tables] = splitByKind(relations);
  const statements = [
    ...views.reverse().map((view) => `ALTER VIEW ${namesOf([view])} OWNER TO ${identifier(view.owner)};`),
    ...(tables.length > 0 ? [`LOCK TABLE ${namesOf(tables)} IN ACCESS EXCLUSIVE MODE;`] : []),
  ];
  await client.query(`SET LOCAL statement_timeout = ${waitMillis}`);
  // One statement, so that the time holds for all of it.
  await client.query(`DO ${literal(`BEGIN ${statements.join(' ')} END`)}`);
  await client.query('SET LOCAL statement_timeout = 0');
}

const namesOf = (relations: readonly CarriedRelation[]): string =>
  relations.map(({ schema, name }) => identifier(schema, name)).join(', ');

/** The views, and the tables. */
const splitByKind = (relations: readonly CarriedRelation[]): [CarriedRelation[], CarriedRelation[]] => [
  relations.filter(({ kind }) => kind === 'view'),
  relations.filter(({ kind }) => kind === 'table'),
];

/** Runs many small statements as one query: others wait meanwhile, and the way to the server may be long. */
const inOneTrip = (client: Client, statements: readonly string[]): Promise<unknown> =>
  client.query(statements.join(';\n'));

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
    const isTheirs = owner !== me;
    try {
      await inOneTrip(client, [
        ...(isStar && isTheirs ? [`ALTER ${kind} ${target} OWNER TO ${identifier(owner)}`] : []),
        // As its owner, who may name what the view shows where this role may not, and whose grants they were.
        ...(isTheirs ? [`SET LOCAL ROLE ${identifier(owner)}`] : []),
        ...(isStar ? [] : [createView(relation)]),
        ...likeBefore(relation, carried.defaultGrantees),
        ...(await sequenceRights(client, relation, carried.defaultGrantees)),
        ...(isTheirs ? [`SET LOCAL ROLE ${identifier(me)}`] : []),
      ]);
    } catch (error) {
      throw failure('warehouse', `${whereIs(client)}, making ${kind} ${target} of ${owner} as it was`, error);
    }
  }
  const missing = relations.filter(({ name }) => !star.some((relation) => relation.name === name));
  await inOneTrip(
    client,
    missing.flatMap(({ name }) => grants(identifier(schema, name), carried.defaultRights)),
  );
}

/** Gives the sequences of a table's identity columns, whatever they are called now, the rights of those before them. */
async function sequenceRights(
  client: Client,
  { schema, name, owner, sequences }: CarriedRelation,
  defaultGrantees: Carried['defaultGrantees'],
): Promise<string[]> {
  if (sequences.length === 0) return [];
  const { rows } = await client.query<{ column: string; name: string }>(sequencesQuery, [name, schema]);
  return sequences.flatMap((sequence) =>
    rows
      .filter(({ column }) => column === sequence.column)
      .flatMap((made) => rightsLikeBefore(`SEQUENCE ${made.name}`, owner, sequence, defaultGrantees)),
  );
}
