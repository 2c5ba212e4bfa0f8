import {
  IdSet,
  columnOf,
  concatBatches,
  emptyBatch,
  integer,
  openRowsName,
  quarantineLines,
  readOpenRows,
  readParquet,
  readVerified,
  text,
  textAt,
  writeContent,
  writeParquet,
  type Batch,
  type FixedColumn,
  type ObjectRef,
  type ObjectStore,
  type OpenRow,
  type ProcessedManifest,
  type Schema,
  type TextColumn,
} from '@totes/core';
import { plainDimensions, stateProjection, stateTables } from './star/projection.ts';
import { StateTable } from './star/stateTable.ts';

/**
 * What a version of the processed log must know of all earlier ones: the current rows of the tables that joins need,
 * the ids of every other dimension, where dim_date's are the years that it covers, and the rows still set aside.
 *
 * A row that was deleted in the source stays in its table, because facts go on pointing at it; that it was deleted is
 * kept among the ids.
 */
export interface TransformState {
  readonly tables: ReadonlyMap<string, StateTable>;
  readonly keys: ReadonlyMap<string, IdSet>;
  readonly open: readonly OpenRow[];
  /** The newest entry of the exchange rates whose rows the warehouse has; 0 for none. */
  readonly rates: number;
}

/** The name that the ids of a state table's deleted rows have among the keys. */
export const deletedOf = (table: string): string => `deleted ${table}`;

const keyNames = [...plainDimensions.map(({ name }) => name), 'dim_date', ...stateTables.map(deletedOf)];

/** Names of the objects of a state, as its manifest lists them. */
type Refs = Readonly<Record<string, ObjectRef>>;

const keysName = 'keys';
const keysSchema: Schema = [
  { name: 'dimension', type: text, nullable: false },
  { name: 'first_id', type: integer, nullable: false },
  { name: 'last_id', type: integer, nullable: false },
];

/** Reads the state after a version; the state before the first one where no manifest is given. */
export async function readState(store: ObjectStore, manifest: ProcessedManifest | undefined): Promise<TransformState> {
  const refs: Refs = manifest?.state ?? {};
  const tables = new Map<string, StateTable>();
  for (const name of stateTables) {
    const schema = stateProjection(name);
    tables.set(name, new StateTable(await readBatch(store, refs[name], schema), schema));
  }
  const keys = new Map(keyNames.map((name) => [name, new IdSet()]));
  const ranges = await readBatch(store, refs[keysName], keysSchema);
  const [dimension, first, last] = ranges.columns as [TextColumn, FixedColumn, FixedColumn];
  for (let row = 0; row < ranges.rows; row++) {
    const ids = keys.get(textAt(dimension, row) ?? '');
    for (let id = first.values[row]!; id <= last.values[row]!; id++) ids?.add(id);
  }
  return { tables, keys, open: await readOpenRows(store, manifest), rates: manifest?.rates ?? 0 };
}

async function readBatch(store: ObjectStore, ref: ObjectRef | undefined, schema: Schema): Promise<Batch> {
  if (ref === undefined) return emptyBatch(schema);
  return concatBatches([...readParquet(await readVerified(store, ref), schema)], schema);
}

/** Writes a state; what is the same object as in `previous` is not written again. */
export async function writeState(
  store: ObjectStore,
  version: number,
  state: TransformState,
  previous: { readonly state: TransformState; readonly refs: Refs } | undefined,
): Promise<Refs> {
  const refs: Record<string, ObjectRef> = {};
  const write = async (name: string, batch: Batch, schema: Schema): Promise<void> => {
    const object = { folder: `state/${name}`, name: `v${version}`, extension: 'parquet', rows: batch.rows };
    refs[name] = await writeContent(store, object, await writeParquet([batch], schema));
  };
  for (const [name, table] of state.tables) {
    const before = previous?.refs[name];
    if (before !== undefined && previous?.state.tables.get(name) === table) refs[name] = before;
    else await write(name, table.batch, stateProjection(name));
  }
  const before = previous?.refs[keysName];
  if (before !== undefined && previous?.state.keys === state.keys) refs[keysName] = before;
  else await write(keysName, keyRanges(state), keysSchema);
  const open = await writeOpenRows(store, version, state.open, previous);
  return { ...refs, ...(open && { [openRowsName]: open }) };
}

async function writeOpenRows(
  store: ObjectStore,
  version: number,
  open: readonly OpenRow[],
  previous: { readonly state: TransformState; readonly refs: Refs } | undefined,
): Promise<ObjectRef | undefined> {
  if (open.length === 0) return undefined;
  if (previous?.state.open === open) return previous.refs[openRowsName];
  const object = { folder: `state/${openRowsName}`, name: `v${version}`, extension: 'jsonl', rows: open.length };
  return writeContent(store, object, quarantineLines(open));
}

function keyRanges(state: TransformState): Batch {
  const ranges = [...state.keys].flatMap(([name, ids]) =>
    Array.from(ids.ranges(), (range) => [name, ...range] as const),
  );
  return {
    rows: ranges.length,
    columns: [
      columnOf(
        'text',
        ranges.map(([name]) => name),
      ),
      columnOf(
        'integer',
        ranges.map(([, first]) => first),
      ),
      columnOf(
        'integer',
        ranges.map(([, , last]) => last),
      ),
    ],
  };
}
