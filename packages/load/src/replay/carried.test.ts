import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { WarehouseRefused } from '@totes/core';
import { firstVersion } from '../../test/rows.ts';
import { TestLake } from '../../test/testLake.ts';
import { TestWarehouse } from '../../test/testWarehouse.ts';

let warehouse: TestWarehouse;
let lake: TestLake;
const unique = `${process.pid}_${Math.floor(performance.timeOrigin)}`;
const [analyst, owner, loader] = [`analyst "x" ${unique}`, `owner_${unique}`, `loader_${unique}`].map(
  (name) => `"${name.replaceAll('"', '""')}"`,
) as [string, string, string];

beforeEach(async () => {
  warehouse = await TestWarehouse.create();
  lake = new TestLake();
  await lake.commit(firstVersion);
  await warehouse.database.query(`
    CREATE ROLE ${analyst}; CREATE ROLE ${owner}; CREATE ROLE ${loader};
    GRANT CREATE ON SCHEMA public TO ${owner}, ${analyst}, ${loader}`);
  await warehouse.load(lake);
});
afterEach(async () => {
  await warehouse.database.query(
    `DROP OWNED BY ${analyst}, ${owner}, ${loader} CASCADE; DROP ROLE ${analyst}, ${owner}, ${loader}`,
  );
  await warehouse.drop();
});

/** Owners, rights, comments, options and definitions of all relations of public and reports. */
const attributes = () =>
  warehouse.text(`
    SELECT n.nspname, c.relname, c.relkind, c.relowner::regrole, c.reloptions,
      (SELECT string_agg(e::text, ' ' ORDER BY e::text) FROM aclexplode(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END, c.relowner))) e) AS acl,
      (SELECT string_agg(attname || ' ' || attacl::text, ' ' ORDER BY attname) FROM pg_attribute
        WHERE attrelid = c.oid AND attacl IS NOT NULL) AS columns,
      (SELECT string_agg(objsubid || ' ' || description, ' ' ORDER BY objsubid) FROM pg_description
        WHERE objoid = c.oid AND classoid = 'pg_class'::regclass) AS comments,
      CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) WHEN c.relkind = 'i' THEN pg_get_indexdef(c.oid) END AS text
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'reports') ORDER BY n.nspname, c.relname`);

/** Relations of other ids than before: they were made anew. */
const ids = () => warehouse.text("SELECT oid FROM pg_class WHERE relname IN ('fact_payment', 'current_payment')");

test('owners, rights, comments, options, indexes and views of users outlive a replay', async () => {
  await warehouse.database.query(`
    GRANT SELECT ON fact_payment TO ${analyst} WITH GRANT OPTION;
    GRANT SELECT (staff_id, first_name), UPDATE (location) ON dim_staff TO ${analyst};
    REVOKE TRUNCATE ON dim_staff FROM CURRENT_USER;
    GRANT SELECT ON current_payment, dim_date TO PUBLIC;
    COMMENT ON TABLE fact_payment IS 'it''s ours \\ ';
    COMMENT ON COLUMN current_payment.paid IS 'in full';
    ALTER TABLE fact_payment SET (fillfactor = 70, autovacuum_enabled = false);
    ALTER TABLE fact_sales_order OWNER TO ${owner};
    ALTER VIEW current_payment OWNER TO ${owner};
    CREATE INDEX "by ""name" ON dim_staff USING btree (lower(last_name) DESC) INCLUDE (staff_id) WHERE location IS NULL;
    CREATE UNIQUE INDEX ON fact_payment (payment_record_id, paid);
    CREATE SCHEMA reports; GRANT CREATE, USAGE ON SCHEMA reports TO ${owner};
    CREATE VIEW reports."a b" WITH (security_barrier) AS SELECT * FROM public.current_payment;
    CREATE VIEW reports.above AS SELECT count(*) AS "n""n" FROM reports."a b" JOIN public.dim_date ON true;
    CREATE VIEW public.z AS SELECT staff_id FROM dim_staff WHERE staff_id > 0 WITH LOCAL CHECK OPTION;
    ALTER VIEW reports.above OWNER TO ${owner};
    GRANT SELECT ON reports.above TO ${analyst};
    GRANT SELECT ON reports."a b", dim_date TO ${owner}; GRANT SELECT ON fact_payment, retired_payment TO ${owner};
    GRANT UPDATE (staff_id) ON z TO ${analyst};
    COMMENT ON VIEW z IS 'the last';
    COMMENT ON COLUMN z.staff_id IS 'whose';
    CREATE OR REPLACE VIEW reports."a b" WITH (security_barrier) AS
      SELECT current_payment.*, (SELECT count(*) FROM public.z) AS staff FROM public.current_payment;
    CREATE TABLE ours AS SELECT 1 AS one; CREATE VIEW ours_too AS SELECT * FROM ours;
    ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO ${analyst}`);
  const before = [await attributes(), await ids(), await warehouse.text('SELECT * FROM reports.above')];

  expect(await warehouse.replay(lake)).toMatchObject({ version: 1 });

  const after = [await attributes(), await ids(), await warehouse.text('SELECT * FROM reports.above')];
  expect(after[0]).toEqual(before[0]);
  expect(after[1]).not.toEqual(before[1]);
  expect(after[2]).toEqual(before[2]);
});

/** What `attributes` does not show: sequences of identity columns, targets of statistics, options of columns and TOAST. */
const finer = () =>
  warehouse.text(`
    SELECT c.relname, c.relkind, c.relowner::regrole, t.reloptions AS toast,
      CASE WHEN c.relkind = 'S' THEN
        (SELECT string_agg(e::text, ' ' ORDER BY e::text) FROM aclexplode(coalesce(c.relacl, acldefault('s', c.relowner))) e)
      END AS acl,
      (SELECT string_agg(concat_ws(' ', attname, attstattarget, attoptions), ', ' ORDER BY attname) FROM pg_attribute
        WHERE attrelid = c.oid AND (attstattarget >= 0 OR attoptions IS NOT NULL)) AS columns
    FROM pg_class c LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'S') ORDER BY c.relname`);

test('so do rights on the sequences of identity columns, targets of statistics, options of columns and TOAST', async () => {
  await warehouse.database.query(`
    GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO ${analyst};
    GRANT USAGE ON SEQUENCE fact_payment_payment_record_id_seq TO PUBLIC;
    ALTER TABLE fact_sales_order OWNER TO ${owner};
    REVOKE ALL ON SEQUENCE fact_sales_order_sales_record_id_seq FROM ${owner};
    ALTER TABLE dim_staff ALTER last_name SET STATISTICS 500, ALTER location SET (n_distinct = -0.5),
      SET (toast.autovacuum_enabled = false, fillfactor = 70);
    ALTER DEFAULT PRIVILEGES GRANT UPDATE ON SEQUENCES TO ${loader}`);
  const before = await finer();
  expect(before.join()).toContain('last_name 500');
  await warehouse.replay(lake);
  expect(await finer()).toEqual(before);
});

test('a table that was missing has the rights that are the default in its schema', async () => {
  await warehouse.database.query(
    `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO ${analyst}; DROP TABLE dim_staff CASCADE`,
  );
  await warehouse.replay(lake);
  const rights = ['dim_staff', 'dim_date'].map(
    (table) => `has_table_privilege('${analyst.slice(1, -1).replaceAll('""', '"')}', '${table}', 'SELECT') AS ${table}`,
  );
  expect(await warehouse.text(`SELECT ${rights.join()}`)).toEqual(['true|false']);
});

test('what cannot be made again is refused before the work begins, all of it at once', async () => {
  const obstacles: [sql: string, what: string][] = [
    ['CREATE MATERIALIZED VIEW m AS SELECT * FROM fact_payment', 'materialized view public.m'],
    [
      'CREATE VIEW v AS SELECT * FROM current_payment; CREATE MATERIALIZED VIEW above AS SELECT * FROM v',
      'materialized view public.above',
    ],
    [
      'CREATE TABLE ours (staff integer CONSTRAINT ours_fk REFERENCES dim_staff)',
      'constraint ours_fk on table public.ours',
    ],
    [
      'CREATE FUNCTION f(dim_staff) RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$',
      'function public.f(public.dim_staff)',
    ],
    ['CREATE TABLE mine (staff dim_staff)', 'column staff of table public.mine'],
    ['CREATE RULE r AS ON DELETE TO dim_staff DO INSTEAD NOTHING', 'rule r on table public.dim_staff'],
    [
      `CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
       CREATE TRIGGER t BEFORE INSERT ON dim_staff EXECUTE FUNCTION t()`,
      'trigger t on table public.dim_staff',
    ],
    ['ALTER TABLE dim_staff ADD CONSTRAINT c CHECK (staff_id > 0)', 'constraint c on table public.dim_staff'],
    ['ALTER TABLE dim_staff ADD CONSTRAINT u UNIQUE (last_name)', 'constraint u on table public.dim_staff'],
    [
      "ALTER TABLE dim_staff ALTER location SET DEFAULT 'x'",
      'default value for column location of table public.dim_staff',
    ],
    ['CREATE POLICY p ON dim_design USING (true)', 'policy p on table public.dim_design'],
    ['ALTER TABLE dim_date ENABLE ROW LEVEL SECURITY', 'row security of table public.dim_date'],
    ['CREATE STATISTICS s ON last_name, location FROM dim_staff', 'statistics object public.s'],
    ['CREATE PUBLICATION p FOR TABLE dim_staff', 'publication of table public.dim_staff in publication p'],
    ['CREATE TABLE child () INHERITS (dim_currency)', 'table public.child'],
    ['CREATE TEMPORARY VIEW w AS SELECT * FROM dim_staff', 'view pg_temp.w'],
  ];
  for (const [sql] of obstacles) await warehouse.database.query(sql);
  const before = await attributes();
  lake.store.calls.length = 0;

  const error: unknown = await warehouse.replay(lake).catch((error: unknown) => error);

  expect(error).toBeInstanceOf(WarehouseRefused);
  const [, list] = /these would not survive it: (.*)\. Drop them/.exec((error as Error).message)!;
  const found = list!.replace(/pg_temp_\d+/, 'pg_temp').split('; ');
  expect(found.sort()).toEqual(obstacles.map(([, what]) => what).sort());
  expect(lake.store.calls.filter((call) => call.startsWith('get star/'))).toEqual([]);
  expect(await attributes()).toEqual(before);
  expect(await schemasOfReplays()).toEqual([]);
});

const schemasOfReplays = () => warehouse.text("SELECT nspname FROM pg_namespace WHERE nspname LIKE '%replay'");

test('a view whose owner this role cannot become is refused before the work begins', async () => {
  const client = await warehouse.database.connect();
  const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name');
  await warehouse.database.query(`
    GRANT CREATE ON DATABASE ${rows[0]!.name} TO ${loader};
    ALTER SCHEMA etl OWNER TO ${loader}; ALTER TABLE etl.load_log OWNER TO ${loader}; GRANT ALL ON etl.migration TO ${loader};
    SET ROLE ${loader}; CREATE SCHEMA star; RESET ROLE; GRANT USAGE ON SCHEMA star TO ${analyst}`);
  await client.query(`SET ROLE ${loader}`);
  await warehouse.load(lake, { warehouse: client, schema: 'star' });
  await warehouse.database.query(`
    CREATE VIEW theirs AS SELECT staff_id FROM star.dim_staff; ALTER VIEW theirs OWNER TO ${analyst};
    GRANT SELECT ON star.dim_staff TO ${analyst}`);
  lake.store.calls.length = 0;

  const replayed = warehouse.replay(lake, { warehouse: client, schema: 'star' });
  await expect(replayed).rejects.toThrow(WarehouseRefused);
  const role = analyst.slice(1, -1).replaceAll('""', '"');
  await expect(replayed).rejects.toThrow(`view "public"."theirs" of ${role}: GRANT ${analyst} TO ${loader}`);
  expect(lake.store.calls.filter((call) => call.startsWith('get star/'))).toEqual([]);

  await warehouse.database.query(`GRANT ${analyst} TO ${loader}`);
  expect(await warehouse.replay(lake, { warehouse: client, schema: 'star' })).toMatchObject({ version: 1 });
  expect(await warehouse.text("SELECT relowner::regrole FROM pg_class WHERE relname = 'theirs'")).toHaveLength(1);
  expect(await warehouse.text('SELECT * FROM theirs')).toEqual(['1']);
  expect((await client.query('SELECT current_user AS name')).rows).toEqual([{ name: loader.slice(1, -1) }]);
  expect(await schemasOfReplays()).toEqual([]);

  await warehouse.database.query(`
    CREATE SCHEMA an; GRANT USAGE, CREATE ON SCHEMA an TO ${owner}; CREATE VIEW an.hidden AS SELECT 1 FROM star.dim_date;
    ALTER VIEW an.hidden OWNER TO ${owner}; GRANT SELECT ON star.dim_date TO ${owner}; GRANT USAGE ON SCHEMA star TO ${owner}`);
  const hidden = warehouse.replay(lake, { warehouse: client, schema: 'star' });
  await expect(hidden).rejects.toThrow(WarehouseRefused);
  await expect(hidden).rejects.toThrow(
    `view "an"."hidden" of ${owner.slice(1, -1)}: GRANT USAGE ON SCHEMA "an" TO ${loader}; GRANT ${owner} TO ${loader}`,
  );
  // The statements that the message gives do help.
  await warehouse.database.query(`GRANT USAGE ON SCHEMA "an" TO ${loader}; GRANT ${owner} TO ${loader}`);
  expect(await warehouse.replay(lake, { warehouse: client, schema: 'star' })).toMatchObject({ version: 1 });
});
