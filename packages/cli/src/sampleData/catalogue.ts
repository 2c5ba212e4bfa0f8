import { SourceRefused, SourceSchemaDrift } from '@totes/core';
import type pg from 'pg';
import { paymentTypes, type Catalogue, type PaymentType } from './orders.ts';
import { existing, tableNames, type TableName } from './totesys.ts';

const listed = ['design', 'staff', 'counterparty', 'currency', 'address'] as const;
const remedy = 'simulate needs a filled totesys, which generate makes in an empty database';

/** Throws SourceSchemaDrift, naming them, where tables of totesys are missing. */
export async function checkTables(client: pg.Client): Promise<void> {
  const present = await existing(client, tableNames);
  const missing = tableNames.filter((name) => !present.includes(name));
  if (missing.length === 0) return;
  throw new SourceSchemaDrift(
    `database ${String(client.database)} has no ${missing.join(', ')} in schema public: ${remedy}`,
  );
}

/**
 * Reads the ids that orders may name. Throws SourceRefused, naming the tables, where one that business needs has no
 * rows, or payment_type has not all four types.
 */
export async function readCatalogue(client: pg.Client): Promise<Catalogue> {
  const ids = (name: TableName) => `ARRAY(SELECT ${name}_id FROM public.${name} ORDER BY 1) AS ${name}`;
  const { rows } = await client.query<Record<(typeof listed)[number], number[]> & { types: Record<string, number> }>(
    `SELECT ${listed.map(ids).join(', ')}, ${ids('department')},
       (SELECT coalesce(jsonb_object_agg(payment_type_name, payment_type_id), '{}') FROM public.payment_type) AS types`,
  );
  const { types, ...catalogue } = rows[0]!;
  const lacking = [
    ...Object.entries(catalogue).flatMap(([table, found]) => (found.length === 0 ? [table] : [])),
    ...paymentTypes.flatMap((type) => (type in types ? [] : [`payment_type (${type})`])),
  ];
  if (lacking.length > 0) {
    throw new SourceRefused(`database ${String(client.database)} has no rows in ${lacking.join(', ')}: ${remedy}`);
  }
  return { ...catalogue, paymentType: types as Record<PaymentType, number> };
}
