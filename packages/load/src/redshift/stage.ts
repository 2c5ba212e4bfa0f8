import {
  isRedshift,
  LakeCorrupt,
  starTable,
  WarehouseMismatch,
  WarehouseRefused,
  writeContent,
  type ObjectRef,
} from '@totes/core';
import pg, { type Client } from 'pg';
import type { LoadOptions } from '../options.ts';
import {
  checkCopied,
  copy,
  createCopied,
  createStaging,
  dropCopied,
  duplicateInStaging,
  missingPartners,
  numerics,
  type Staging,
} from './staging.ts';
import { longestText } from './types.ts';

/** What Redshift says of a text that does not fit its column. */
const tooLong = /longer than the length defined|Value too long/i;

/**
 * Makes a staging table and has the cluster fill it with the rows of Parquet objects, which it reads from S3 by itself.
 * What PostgreSQL's types and keys would refuse is looked for here.
 *
 * @throws LakeCorrupt where the objects do not hold the rows that their manifest says, or two rows have the same business
 *   key where none may; WarehouseRefused for a value that Redshift cannot hold; WarehouseMismatch for a row that points at
 *   one that is missing
 */
export async function stage(
  { warehouse, processed, schema }: LoadOptions,
  version: number,
  target: Staging,
  objects: readonly ObjectRef[],
): Promise<void> {
  const { store } = processed;
  const manifest = await writeCopyManifest(store, version, target, objects);
  await warehouse.query(createCopied(target));
  await copyRows(
    warehouse,
    target,
    copy(target, `${store.uri}/${manifest.key}`, isRedshift(warehouse) ? warehouse.copyRole : undefined),
  );
  await checkRows(warehouse, target, `${store.uri}/${manifest.key}`, manifest.rows);
  await warehouse.query(createStaging(target));
  await warehouse.query(dropCopied(target));
  await refuseDuplicates(warehouse, target, `${store.uri}/${manifest.key}`);
  await refuseMissingPartners(warehouse, schema, version, target);
}

/**
 * Writes which objects COPY is to read: each must be there, and of this size.
 * https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
 */
function writeCopyManifest(
  store: LoadOptions['processed']['store'],
  version: number,
  { name }: Staging,
  objects: readonly ObjectRef[],
): Promise<ObjectRef> {
  const entries = objects.map(({ key, bytes }) => ({
    url: `${store.uri}/${key}`,
    mandatory: true,
    meta: { content_length: bytes },
  }));
  const rows = objects.reduce((sum, object) => sum + object.rows, 0);
  const place = { folder: `redshift/${name}`, name: `v${version}`, extension: 'manifest', rows };
  return writeContent(store, place, Buffer.from(JSON.stringify({ entries })));
}

async function copyRows(client: Client, { table }: Staging, sql: string): Promise<void> {
  try {
    await client.query(sql);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !tooLong.test(`${error.message} ${error.detail ?? ''}`)) throw error;
    throw new WarehouseRefused(
      `a text of ${table.name} has more than ${longestText} bytes, the most that Redshift keeps: shorten it in the ` +
        'source, or load into PostgreSQL',
    );
  }
}

async function checkRows(client: Client, target: Staging, manifest: string, expected: number): Promise<void> {
  const { rows } = await client.query<Record<string, string | null>>(checkCopied(target));
  const { copied_rows: copied, ...unfit } = rows[0]!;
  if (Number(copied) !== expected) {
    throw new LakeCorrupt(
      `the objects that ${manifest} names have ${copied!} rows; the version's manifest says ${expected}: transform the version again`,
    );
  }
  const { table } = target;
  for (const { name } of numerics(target)) {
    if (unfit[name] === null || unfit[name] === undefined) continue;
    throw new WarehouseRefused(
      `${table.name}.${name} of ${table.key} ${unfit[name]} has more digits than Redshift's numeric(38,10) holds: correct ` +
        'it in the source, or load into PostgreSQL',
    );
  }
}

async function refuseDuplicates(client: Client, target: Staging, manifest: string): Promise<void> {
  if (target.isHistory) return;
  const twice = (await client.query<{ key: string }>(duplicateInStaging(target))).rows[0];
  if (twice === undefined) return;
  const { table } = target;
  throw new LakeCorrupt(
    `the objects that ${manifest} names have two rows of ${table.name} with ${table.key} ${twice.key}, and a version can ` +
      'have only one: transform it again',
  );
}

/** PostgreSQL's foreign keys say it; Redshift enforces none. */
async function refuseMissingPartners(client: Client, schema: string, version: number, target: Staging): Promise<void> {
  const sql = missingPartners(schema, target, (table) => starTable(table).key);
  if (sql === '') return;
  const { rows } = await client.query<{ column: string; rows: string }>(sql);
  const missing = rows.find((row) => Number(row.rows) > 0);
  if (missing === undefined) return;
  throw new WarehouseMismatch(
    `warehouse schema "${schema}": version ${version} has rows of ${target.table.name} whose ${missing.column} points at ` +
      `one that is missing (${missing.rows}), as where something else removed it. Empty the star tables; load then ` +
      'rebuilds all from the lake',
  );
}
