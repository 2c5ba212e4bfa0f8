import type pg from 'pg';
import { insertRows } from './insertRows.ts';
import { inventor } from './invent.ts';
import type { Catalogue } from './orders.ts';
import type { Random } from './random.ts';

/** What can be renamed, and the endings that a new name may take. */
const renamable = {
  department: { column: 'department_name', endings: [' & Services', ', Europe', ' (Zürich)'] },
  design: { column: 'design_name', endings: [' Mini', ' Maxi', " '24"] },
  counterparty: { column: 'counterparty_legal_name', endings: [' Ltd', ' plc', ', Sons & Co'] },
} as const;

/** One of the table's rows takes another name. */
export async function rename(
  client: pg.Client,
  table: keyof typeof renamable,
  source: Random,
  at: string,
): Promise<void> {
  const { column, endings } = renamable[table];
  const { rows } = await client.query<{ id: number; name: string }>(
    `SELECT ${table}_id AS id, ${column} AS name FROM public.${table} ORDER BY id`,
  );
  const { id, name } = source.pick(rows);
  await client.query(`UPDATE public.${table} SET ${column} = $1, last_updated = $2 WHERE ${table}_id = $3`, [
    newName(name, endings, source),
    at,
    id,
  ]);
}

/** The name with another of the endings in place of the one it has, if any. */
export function newName(name: string, endings: readonly string[], source: Random): string {
  const present = endings.find((ending) => name.endsWith(ending));
  const base = present === undefined ? name : name.slice(0, -present.length);
  return base + source.pick(endings.filter((ending) => ending !== present));
}

/** An address gets another telephone number and second line. */
export async function correctAddress(
  client: pg.Client,
  catalogue: Catalogue,
  source: Random,
  at: string,
): Promise<void> {
  await client.query(
    'UPDATE public.address SET phone = $1, address_line_2 = $2, last_updated = $3 WHERE address_id = $4',
    [inventor(source).phone(), `Unit ${source.between(1, 99)}`, at, source.pick(catalogue.address)],
  );
}

/** A new counterparty signs up, with an address of its own. */
export async function addCounterparty(client: pg.Client, source: Random, at: string): Promise<void> {
  const invent = inventor(source);
  // Both before the first wait, in which others may use the generators that all inventors share.
  const [address, counterparty] = [invent.address(at), invent.counterparty(at, 0)];
  const [addressId] = await insertRows(client, 'address', [address]);
  await insertRows(client, 'counterparty', [{ ...counterparty, legal_address_id: addressId! }]);
}
