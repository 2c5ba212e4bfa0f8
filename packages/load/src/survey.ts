import { facts, starTables } from '@totes/core';
import type { Client } from 'pg';
import { retiredTables } from './retired.ts';
import { relationExistsQuery, relationsQuery, schemaQuery } from './sql/catalog.ts';
import { emptyTablesQuery } from './sql/fill.ts';
import { etl, everLoadedQuery, loadedLakesQuery } from './sql/ledger.ts';
import type { FoundRelation } from './sql/shape.ts';

/** A schema as the catalog has it. */
export interface SchemaState {
  readonly name: string;
  readonly exists: boolean;
  /** Whether `user`, who is connected, may create it. */
  readonly creatable: boolean;
  readonly user: string;
}

/** A lake of which the warehouse holds versions, up to this one. */
export interface LoadedLake {
  readonly lakeId: string;
  readonly version: number;
}

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
}

/** Reads it, in the caller's transaction: under the lock where it is acted upon, on one snapshot otherwise. */
export async function surveyWarehouse(client: Client, schema: string): Promise<Survey> {
  const state = await readSchema(client, schema);
  const relations = (await client.query<FoundRelation>(relationsQuery, [schema, starNames])).rows;
  const ledger = await relationExists(client, etl, 'load_log');
  const lakes = ledger
    ? (await client.query<{ lakeId: string; version: string }>(loadedLakesQuery, [schema])).rows
    : [];
  const empty = await emptyTables(client, schema, relations);
  const lost = lakes.length === 0 || empty.length === 0 ? [] : await everLoaded(client, schema, empty);
  return {
    schema: state,
    relations,
    lakes: lakes.map(({ lakeId, version }) => ({ lakeId, version: Number(version) })),
    empty: new Set(empty),
    lost,
  };
}

export async function readSchema(client: Client, name: string): Promise<SchemaState> {
  const { rows } = await client.query<Omit<SchemaState, 'name'>>(schemaQuery, [name]);
  return { name, ...rows[0]! };
}

export async function relationExists(client: Client, schema: string, name: string): Promise<boolean> {
  const { rows } = await client.query<{ exists: boolean }>(relationExistsQuery, [schema, name]);
  return rows[0]!.exists;
}

const tableNames = [...starTables, ...retiredTables].map(({ name }) => name);

/** Every name that the star takes in its schema. */
export const starNames: readonly string[] = [...tableNames, ...facts.map(({ currentView }) => currentView)];

async function emptyTables(client: Client, schema: string, relations: readonly FoundRelation[]): Promise<string[]> {
  const present = tableNames.filter((name) => relations.some((found) => found.name === name));
  if (present.length === 0) return tableNames;
  const { rows } = await client.query<{ name: string }>(emptyTablesQuery(schema, present));
  const empty = new Set(rows.map(({ name }) => name));
  return tableNames.filter((name) => empty.has(name) || !present.includes(name));
}

async function everLoaded(client: Client, schema: string, tables: readonly string[]): Promise<string[]> {
  return (await client.query<{ name: string }>(everLoadedQuery, [schema, tables])).rows.map(({ name }) => name);
}
