import { identifier, starTables, WarehouseRefused } from '@totes/core';
import type { Client } from 'pg';
import { retiredTables } from '../retired.ts';
import {
  carriedQuery,
  defaultRightsQuery,
  defaultGranteesQuery,
  indexesQuery,
  obstaclesQuery,
} from '../sql/carried.ts';
import { starNames } from '../survey.ts';

/** A right on a relation, or on a column of it. */
export interface Right {
  readonly column: string | null;
  /** Null for PUBLIC. */
  readonly role: string | null;
  readonly right: string;
  readonly grantable: boolean;
}

/** The sequence of an identity column. */
export interface Sequence {
  readonly column: string;
  readonly hasRights: boolean;
  readonly rights: readonly Right[];
}

/** A relation whose owner, rights, comments and options outlive a replay; of a user's view also its definition. */
export interface CarriedRelation {
  readonly id: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'view';
  /** Whether the star declares it; else it is a user's view. */
  readonly isStar: boolean;
  readonly owner: string;
  /** Of a view, as SELECT. */
  readonly definition: string | null;
  readonly columns: readonly string[];
  /** The ids of those among the relations carried that it is a view of. */
  readonly uses: readonly string[];
  /** As `name=value`. */
  readonly options: readonly string[];
  readonly comments: readonly { readonly column: string | null; readonly text: string }[];
  /** Whether rights were ever changed; else they are PostgreSQL's defaults: all for the owner. */
  readonly hasRights: boolean;
  readonly rights: readonly Right[];
  readonly sequences: readonly Sequence[];
  /** The columns with a statistics target, null for the default, or options of their own, each as `name=value`. */
  readonly tuned: readonly {
    readonly column: string;
    readonly statistics: number | null;
    readonly options: readonly string[];
  }[];
}

/** An index apart from those of constraints. */
export interface Index {
  readonly table: string;
  readonly name: string;
  readonly unique: boolean;
  /** What follows the table's name in its definition. */
  readonly method: string;
}

/** What of a warehouse schema outlives its tables. */
export interface Carried {
  readonly relations: readonly CarriedRelation[];
  /** The rights that a table of the schema has by default, for those that were missing. */
  readonly defaultRights: readonly Right[];
  /** Who may have got rights on new tables or sequences by default; null is PUBLIC. */
  readonly defaultGrantees: readonly (string | null)[];
}

/**
 * Reads what outlives a replay; search_path has to be pg_catalog. Throws WarehouseRefused, with all of it, where
 * something depends on the star that cannot be made again, or not by this user.
 */
export async function readCarried(client: Client, schema: string): Promise<Carried> {
  const references = starTables.flatMap(({ name, columns }) =>
    columns.filter((column) => column.references !== undefined).map((column) => `${name}.${column.name}`),
  );
  const retired = retiredTables.map(({ name }) => name);
  const obstacles = await client.query<{ what: string }>(obstaclesQuery, [schema, starNames, references, retired]);
  refuse(
    schema,
    obstacles.rows.map(({ what }) => what),
  );
  const relations = (await client.query<FoundRelation>(carriedQuery, [schema, starNames])).rows;
  refuseUnreachable(schema, relations);
  return {
    relations,
    defaultRights: (await client.query<Right>(defaultRightsQuery, [schema])).rows,
    defaultGrantees: (await client.query<{ role: string | null }>(defaultGranteesQuery)).rows.map(({ role }) => role),
  };
}

type FoundRelation = CarriedRelation & {
  /** Whether it is a view that `user`, who is connected, does not own. */
  readonly isForeign: boolean;
  /** Whether `user` may not use its schema. */
  readonly isHidden: boolean;
  readonly user: string;
};

/** Throws WarehouseRefused, with all of them, where users' views of the star cannot be replaced for want of a right. */
function refuseUnreachable(schema: string, relations: readonly FoundRelation[]): void {
  const wanting = relations.flatMap((relation) => {
    const role = identifier(relation.user);
    const remedies = [
      ...(relation.isHidden ? [`GRANT USAGE ON SCHEMA ${identifier(relation.schema)} TO ${role}`] : []),
      ...(relation.isForeign ? [`GRANT ${identifier(relation.owner)} TO ${role}`] : []),
    ];
    return remedies.length === 0
      ? []
      : [`${relation.kind} ${identifier(relation.schema, relation.name)} of ${relation.owner}: ${remedies.join('; ')}`];
  });
  if (wanting.length === 0) return;
  throw new WarehouseRefused(
    `warehouse schema "${schema}" cannot be replaced by a rebuilt one, because its user may not make these again: ` +
      wanting.join(', '),
  );
}

/** The indexes of the star tables of a schema. Throws WarehouseRefused where one cannot be made again. */
export async function readIndexes(client: Client, schema: string): Promise<Index[]> {
  type Found = Omit<Index, 'method'> & { readonly method: string | null };
  const { rows } = await client.query<Found>(indexesQuery, [schema, starNames]);
  const isKnown = (index: Found): index is Index => index.method !== null;
  refuse(
    schema,
    rows.filter((index) => !isKnown(index)).map(({ name }) => `index ${name}`),
  );
  return rows.filter(isKnown);
}

function refuse(schema: string, obstacles: readonly string[]): void {
  if (obstacles.length === 0) return;
  throw new WarehouseRefused(
    `warehouse schema "${schema}" cannot be replaced by a rebuilt one, because these would not survive it: ` +
      `${obstacles.join('; ')}. Drop them, and make them again after the replay`,
  );
}
