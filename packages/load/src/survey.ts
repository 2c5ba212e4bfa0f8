import { facts, starTables } from '@totes/core';
import type { Client } from 'pg';
import type { SchemaState } from './catalog.ts';
import { dialectOf } from './dialectOf.ts';
import type { LoadedLake } from './ledger.ts';
import { retiredTables } from './retired.ts';
import { etl } from './sql/ledger.ts';
import type { FoundRelation } from './sql/shape.ts';

/** All that a load needs to know of the warehouse before it acts. */
export interface Survey {
  readonly schema: SchemaState;
  /** The relations that bear the names of star tables and views. */
  readonly relations: readonly FoundRelation[];
  /** By the ledger; the one loaded last first. */
  readonly lakes: readonly LoadedLake[];
  /** The star tables and their tables of retired rows that have no rows, those that are missing included. */
  readonly empty: ReadonlySet<string>;
  /** The star tables among them into which, by the ledger, rows were loaded. */
  readonly lost: readonly string[];
  /** What empties tables of a schema: for messages. */
  readonly emptying: (schema: string, tables: readonly string[]) => string;
}

/** Reads it, in the caller's transaction: under the lock where it is acted upon, on one snapshot otherwise. */
export async function surveyWarehouse(client: Client, schema: string): Promise<Survey> {
  const { catalog, ledger, emptying } = dialectOf(client);
  const state = await catalog.readSchema(client, schema);
  const relations = await catalog.relations(client, schema, starNames);
  const hasLedger = await catalog.relationExists(client, etl, 'load_log');
  const lakes = hasLedger ? await ledger.lakes(client, schema) : [];
  const empty = await emptyTables(client, schema, relations);
  const lost = lakes.length === 0 || empty.length === 0 ? [] : await ledger.everLoaded(client, schema, empty);
  return { schema: state, relations, lakes, empty: new Set(empty), lost, emptying };
}

const tableNames = [...starTables, ...retiredTables].map(({ name }) => name);

/** Every name that the star takes in its schema. */
export const starNames: readonly string[] = [...tableNames, ...facts.map(({ currentView }) => currentView)];

async function emptyTables(client: Client, schema: string, relations: readonly FoundRelation[]): Promise<string[]> {
  const present = tableNames.filter((name) => relations.some((found) => found.name === name));
  if (present.length === 0) return tableNames;
  const empty = await dialectOf(client).catalog.emptyTables(client, schema, present);
  return tableNames.filter((name) => empty.includes(name) || !present.includes(name));
}
