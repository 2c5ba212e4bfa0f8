import type { Client } from 'pg';
import { relationExistsQuery, relationsQuery, schemaQuery } from './sql/catalog.ts';
import { emptyTablesQuery } from './sql/fill.ts';
import type { FoundRelation } from './sql/shape.ts';

/** A schema as the catalog has it. */
export interface SchemaState {
  readonly name: string;
  readonly exists: boolean;
  /** Whether `user`, who is connected, may create it. */
  readonly creatable: boolean;
  readonly user: string;
}

/** What is asked of a warehouse's catalog. */
export interface Catalog {
  readonly readSchema: (client: Client, name: string) => Promise<SchemaState>;
  /** Needs no right on the schema. */
  readonly relationExists: (client: Client, schema: string, name: string) => Promise<boolean>;
  /** The relations of a schema that have one of these names. */
  readonly relations: (client: Client, schema: string, names: readonly string[]) => Promise<FoundRelation[]>;
  /** Those of these tables, which are there, that have no row. Reads at most one row of each. */
  readonly emptyTables: (client: Client, schema: string, tables: readonly string[]) => Promise<string[]>;
}

export async function readSchema(client: Client, name: string): Promise<SchemaState> {
  const { rows } = await client.query<Omit<SchemaState, 'name'>>(schemaQuery, [name]);
  return { name, ...rows[0]! };
}

export async function relationExists(client: Client, schema: string, name: string): Promise<boolean> {
  const { rows } = await client.query<{ exists: boolean }>(relationExistsQuery, [schema, name]);
  return rows[0]!.exists;
}

/** The catalog of PostgreSQL. */
export const catalog: Catalog = {
  readSchema,
  relationExists,
  relations: async (client, schema, names) => (await client.query<FoundRelation>(relationsQuery, [schema, names])).rows,
  emptyTables: async (client, schema, tables) =>
    (await client.query<{ name: string }>(emptyTablesQuery(schema, tables))).rows.map(({ name }) => name),
};
