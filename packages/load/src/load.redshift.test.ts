import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { connectPostgres, starTables, TotesError, withPostgres } from '@totes/core';
import type { Client } from 'pg';
import { ServerError } from '../test/redshift/copy.ts';
import { hasMerge, RedshiftBench } from '../test/redshift/warehouse.ts';
import { counterparty, firstVersion, location, payment, purchase, sale, staff } from '../test/rows.ts';
import { TestLake } from '../test/testLake.ts';
import { replay } from './replay/replay.ts';
import { warehouseStatus } from './warehouseStatus.ts';

const run = (await hasMerge()) ? describe : describe.skip;

let bench: RedshiftBench;
const open = async (): Promise<void> => {
  bench = await RedshiftBench.create();
  await bench.lake.commit(firstVersion);
};

/** Loads into both, and expects both to hold the same. */
async function loadBoth() {
  const [redshift, postgres] = [await bench.load(), await bench.loadPostgres()];
  expect({ ...redshift, lag: {} }).toEqual({ ...postgres, lag: {} });
  expect(await bench.contents('redshift')).toEqual(await bench.contents('postgres'));
  return redshift;
}

/** What a load into Redshift throws. */
async function fault(options: Parameters<RedshiftBench['load']>[0] = {}): Promise<TotesError> {
  const error: unknown = await bench.load(options).catch((error: unknown) => error);
  if (!(error instanceof TotesError)) throw new Error('expected a TotesError', { cause: error });
  return error;
}

const behind = async (sql: string): Promise<unknown[]> =>
  (await bench.behind.query<Record<string, unknown>>(sql)).flatMap((row) => Object.values(row));

run('a warehouse in Redshift holds what one in PostgreSQL holds', () => {
  beforeEach(open);
  afterEach(() => bench.drop());

  test('after a first load, and changes of each kind', async () => {
    await loadBoth();
    expect(await bench.load()).toMatchObject({ version: 1, versions: [] });
    await bench.lake.commit({
      dim_staff: [staff({ location: 'Leeds' }), staff({ staff_id: '2', first_name: 'Åsa\\\t"\n' })],
      dim_location: [location({ district: null }), location({ location_id: '-7', address_line_2: '' })],
      dim_counterparty: [counterparty()],
      fact_sales_order: [sale({ units_sold: '11' }), sale({ sales_order_id: '9', created_time: '23:59:59.999999' })],
      fact_purchase_order: [purchase({ purchase_order_id: '5', created_time: '00:00:00', item_unit_price: '-0.5' })],
      fact_payment: [payment({ paid: 't', last_updated_time: '10:00:00' })],
    });
    expect(await loadBoth()).toMatchObject({ loaded: { dim_staff: 2, dim_location: 2, dim_counterparty: 0 } });
  });

  test('when facts go back to what they were, are deleted, come again and come late', async () => {
    const late = payment({ payment_id: '4', payment_amount: '1.00' });
    await bench.lake.commit({ fact_payment: [payment({ paid: 't' }), payment({ payment_id: '4' })] });
    await bench.lake.commit({ fact_payment: [payment()], dim_staff: [staff({ last_name: 'Lovelace' })] });
    await bench.lake.commitMore({
      tables: { fact_payment: [payment({ payment_id: '5' })] },
      deleted: { fact_payment: ['1', '99'], fact_sales_order: ['1'], dim_staff: ['1', '99'] },
    });
    await loadBoth();
    await bench.lake.commitMore({ deleted: { fact_payment: ['1'], dim_staff: ['1'] } });
    await bench.lake.commitMore({ late: { fact_payment: [late, late, payment({ payment_id: '4' })] } });
    expect(await loadBoth()).toMatchObject({ loaded: { fact_payment: 1 }, deleted: {} });
    await bench.lake.commit({
      dim_staff: [staff({ last_name: 'Lovelace' })],
      fact_payment: [payment(), late],
      fact_sales_order: [sale()],
    });
    expect(await loadBoth()).toMatchObject({ loaded: { fact_payment: 2, fact_sales_order: 1 } });
    expect(await bench.contents('redshift')).toMatchObject({ retired_staff: [] });
  });

  test('once it was emptied and is filled anew', async () => {
    await bench.lake.commitMore({ deleted: { fact_payment: ['1'], dim_staff: ['1'] } });
    await loadBoth();
    const tables = starTables.map(({ name }) => `star.${name}`);
    await bench.behind.query(`SET session_replication_role = replica; DELETE FROM ${tables[1]!}`);
    const error = await fault();
    expect(error.name).toBe('WarehouseMismatch');
    expect(error.message).toContain('BEGIN; DELETE FROM "star"."dim_date"; DELETE FROM "star"."dim_staff"; ');
    await bench.behind.query(tables.map((table) => `DELETE FROM ${table}`).join(';'));
    await bench.postgres.database.query(`TRUNCATE ${tables.join()} RESTART IDENTITY`);
    expect(await loadBoth()).toMatchObject({ versions: [1, 2] });
  });
});

run('a transaction of Redshift that', () => {
  beforeEach(open);
  afterEach(() => bench.drop());
  const conflict = (): ServerError => new ServerError('XX000', '1023', 'Serializable isolation violation on table - 7');

  test.each(['MERGE', 'COPY', 'COMMIT'])('is ended by others at its %s is done again, whole', async (at) => {
    await bench.load();
    await bench.lake.commit({
      dim_design: [{ ...firstVersion.dim_design[0], design_name: 'Tartan' }],
      fact_sales_order: [sale({ units_sold: '7' })],
    });
    let left = 2;
    let isWriting = false;
    bench.standIn.fault = (sql) => {
      isWriting = sql.startsWith('COPY') || (isWriting && !sql.startsWith('BEGIN'));
      if (isWriting && sql.startsWith(at) && left-- > 0) throw conflict();
    };
    expect(await bench.load()).toMatchObject({ versions: [2], loaded: { dim_design: 1, fact_sales_order: 1 } });
    expect(left).toBeLessThanOrEqual(0);
    await bench.loadPostgres();
    expect(await bench.contents('redshift')).toEqual(await bench.contents('postgres'));
  });

  test('never gets through is a passing fault', async () => {
    bench.standIn.fault = (sql) => {
      if (sql.startsWith('LOCK')) throw conflict();
    };
    const error = await fault();
    expect([error.name, error.transient]).toEqual(['WarehouseUnavailable', true]);
    expect(error.message).toContain('1023: serializable isolation violation');
    expect(bench.standIn.statements.filter((sql) => sql.startsWith('LOCK'))).toHaveLength(5);
  });

  test('meets another load waits for it, and finds nothing to do', async () => {
    await bench.load();
    await bench.lake.commit({ fact_payment: [payment({ paid: 't' })] });
    let second: ReturnType<RedshiftBench['load']> | undefined;
    bench.standIn.fault = async (sql) => {
      if (second !== undefined || !sql.startsWith('COPY')) return;
      second = bench.load();
      const waiting = "SELECT count(*)::int FROM pg_locks WHERE relation = 'etl.load_lock'::regclass AND NOT granted";
      while ((await behind(waiting))[0] === 0);
    };
    expect(await bench.load()).toMatchObject({ version: 2, versions: [2] });
    expect(await second).toMatchObject({ version: 2, versions: [] });
    expect(await behind('SELECT count(*)::int FROM star.fact_payment')).toEqual([2]);
  });

  test('begins a warehouse beside others leaves one, with every version once', async () => {
    await bench.lake.commit({ fact_payment: [payment({ paid: 't' })] });
    const results = await Promise.all([1, 2, 3].map(() => bench.load()));
    expect(results.flatMap(({ versions }) => versions).sort()).toEqual([1, 2]);
    expect(await behind('SELECT payment_record_id FROM star.fact_payment ORDER BY 1')).toEqual(['1', '2']);
  });
});

run('nothing stays of a version that has', () => {
  beforeAll(async () => {
    await open();
    await bench.load();
  });
  afterAll(() => bench.drop());
  let next: TestLake;
  let before: unknown;
  beforeEach(async () => {
    before = await bench.contents('redshift');
    next = bench.fork();
  });
  afterEach(async () => {
    expect(await bench.contents('redshift')).toEqual(before);
  });

  test.each([
    [
      'a numeric of more digits',
      { payment_amount: '0.12345678901' },
      'WarehouseRefused: fact_payment.payment_amount of payment_id 2 has more digits',
    ],
    [
      'a row without its partner',
      { currency_id: '9' },
      'WarehouseMismatch: warehouse schema "star": version 2 has rows of fact_payment whose currency_id points at one that is missing (1)',
    ],
    [
      'two rows of a key',
      { payment_id: '1' },
      'LakeCorrupt: the objects that s3://lake/redshift/staging_fact_payment/v2',
    ],
    ['a NULL where none may be', { payment_date: null }, 'WarehouseRefused: warehouse redshift://loader@127.0.0.1'],
  ])('%s', async (_, row, message) => {
    await next.commit({ fact_payment: [payment(), payment({ payment_id: '2', ...row })] });
    expect(String(await fault({ processed: next.bucket }))).toContain(message);
  });

  test('a text that is too long', async () => {
    await next.commit({ dim_staff: [staff({ first_name: 'é'.repeat(32_768) })] });
    expect(String(await fault({ processed: next.bucket }))).toContain(
      'WarehouseRefused: a text of dim_staff has more than 65535 bytes',
    );
  });

  test('fewer rows than it says, or a missing object', async () => {
    const object = await next.write('fact_payment', 2, [payment({ paid: 't' })]);
    await next.commit({}, { tables: { fact_payment: [{ ...object, rows: 2 }] } });
    expect(String(await fault({ processed: next.bucket }))).toContain("have 1 rows; the version's manifest says 2");
    next.store.objects.delete(object.key);
    expect(String(await fault({ processed: next.bucket }))).toContain('WarehouseRefused: ');
  });
});

run('Redshift is asked', () => {
  beforeAll(async () => {
    await open();
    await bench.load();
  });
  afterAll(() => bench.drop());
  const connected = <T>(work: (client: Client) => Promise<T>): Promise<T> =>
    withPostgres({ url: bench.url, side: 'warehouse', applicationName: 'test' }, work);

  test('what was loaded last', async () => {
    expect(await connected((client) => warehouseStatus(client, 'star'))).toMatchObject({
      ...{ version: 1, lakeId: bench.lake.lakeId, runId: 'run-1', sourceReadAt: '2024-03-01T08:59:59.123Z' },
      ...{ quarantined: 0, loadedAt: expect.stringMatching(/^2\d{3}-\d\d-\d\dT[\d:.]{12}Z$/) },
    });
    expect(await connected((client) => warehouseStatus(client, 'other'))).toBeUndefined();
  });

  test('for nothing that it cannot do', async () => {
    expect(String(await fault({ schema: 'Star' }))).toContain(
      'ConfigInvalid: the name of a schema in Redshift, "Star", must',
    );
    const error = await fault({ processed: new TestLake().bucket });
    expect(error.message).toContain('Redshift reads the lake by itself, and cannot read memory:');
    const replaying = connected((warehouse) =>
      replay({ warehouse, processed: bench.lake.bucket, schema: 'star', codeVersion: '1' }),
    );
    await expect(replaying).rejects.toThrow('a replay needs a warehouse in PostgreSQL: empty the star tables');
  });

  test('for a column that is missing, which it gets, and its view too', async () => {
    await bench.behind.query('ALTER TABLE star.dim_staff DROP COLUMN location; DROP VIEW star.current_payment');
    await bench.load();
    expect(
      await behind('SELECT count(*)::int FROM star.current_payment, star.dim_staff WHERE location IS NULL'),
    ).toEqual([1]);
    await bench.behind.query('ALTER TABLE star.dim_staff ALTER first_name TYPE varchar(9)');
    expect(String(await fault())).toContain(
      'dim_staff.first_name: expected character varying(65535) not null, found character varying(9) not null',
    );
  });

  test('to lie its rows as they are compared', () => {
    const made = (table: string): string =>
      bench.standIn.statements.find((sql) => sql.startsWith(`CREATE TABLE "star" . "${table}"`))!;
    expect(made('fact_payment')).toMatch(
      /DISTSTYLE KEY DISTKEY \( "payment_id" \) COMPOUND SORTKEY \( "payment_id" , "payment_record_id" \)$/,
    );
    expect(made('dim_transaction')).toMatch(
      /DISTSTYLE KEY DISTKEY \( "transaction_id" \) COMPOUND SORTKEY \( "transaction_id" \)$/,
    );
    expect(made('dim_staff')).toMatch(/DISTSTYLE ALL COMPOUND SORTKEY \( "staff_id" \)$/);
    expect(made('fact_payment')).toContain(
      'FOREIGN KEY ( "payment_date" ) REFERENCES "star" . "dim_date" ( "date_id" )',
    );
  });

  test('with all tables, views and comments in two round trips, before the rows and after', async () => {
    const warehouse = await connectPostgres({ url: bench.url, side: 'warehouse', applicationName: 'test' });
    const query = jest.spyOn(warehouse, 'query');
    await bench.load({ warehouse, schema: 'third' });
    const making = query.mock.calls.map(([sql]) => sql).filter((sql) => /COMMENT ON .* "third"/.test(sql));
    expect(making).toHaveLength(2);
    expect(making.join().match(/COMMENT ON/g)!.length).toBeGreaterThan(100);
    await warehouse.end();
  });

  test('by the role that its URL names, or the default one', async () => {
    const role = 'arn:aws:iam::123456789012:role/totes-copy';
    const copies = () => bench.standIn.statements.filter((sql) => sql.startsWith('COPY'));
    expect(copies().every((sql) => sql.includes(' IAM_ROLE DEFAULT '))).toBe(true);
    const warehouse = await connectPostgres({
      url: `${bench.url}?iam_role=${role}`,
      side: 'warehouse',
      applicationName: 'test',
    });
    await bench.load({ warehouse, schema: 'other' });
    await warehouse.end();
    expect(copies().at(-1)).toContain(` IAM_ROLE '${role}' `);
  });
});
