import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { CommitConflict, WarehouseRefused, WarehouseUnavailable } from '@totes/core';
import { dimensionRows, payment, sale } from '../../test/rows.ts';
import { TestLake } from '../../test/testLake.ts';
import { TestWarehouse } from '../../test/testWarehouse.ts';
import { shadowName } from './shadow.ts';

let warehouse: TestWarehouse;
let lake: TestLake;
const count = 300;
const sales = (units: string) =>
  Array.from({ length: count }, (_, i) => sale({ sales_order_id: String(i), units_sold: units }));

beforeEach(async () => {
  warehouse = await TestWarehouse.create();
  lake = new TestLake();
  await lake.commit({ ...dimensionRows, fact_sales_order: sales('1'), fact_payment: [payment()] });
  for (const units of ['2', '3']) await lake.commit({ fact_sales_order: sales(units) });
  await warehouse.load(lake);
});
afterEach(() => warehouse.drop());

const unchanged = async () => [
  await warehouse.text("SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1"),
  await warehouse.text('SELECT * FROM etl.load_log ORDER BY version'),
  await warehouse.text("SELECT nspname FROM pg_namespace WHERE nspname LIKE '%replay'"),
];

/** Does `work` when the replay looks at the log for the second time, which it does when the rebuilt tables are full. */
function onceFilled(work: () => Promise<void>): () => Promise<void> {
  let looks = 0;
  return async () => {
    if (++looks === 2) await work();
  };
}

/** Reads on a connection of its own until told to stop; gives all different answers. */
async function reader(sql: string): Promise<() => Promise<Set<string>>> {
  const client = await warehouse.database.connect();
  const seen = new Set<string>();
  const told = new AbortController();
  const loop = (async () => {
    while (!told.signal.aborted) seen.add(JSON.stringify((await client.query(sql)).rows));
  })();
  return async () => {
    told.abort();
    await loop;
    return seen;
  };
}

test('readers see full states alone, and no error', async () => {
  await warehouse.database.query('CREATE VIEW ours AS SELECT count(*)::int AS n FROM current_sales_order');
  const stops = await Promise.all([
    reader('SELECT count(*)::int AS n FROM fact_sales_order'),
    reader('SELECT sum(units_sold)::int AS n FROM current_sales_order JOIN dim_staff ON staff_id = sales_staff_id'),
    reader('SELECT n FROM ours'),
    reader('BEGIN; SELECT 1; SELECT count(*) FROM fact_payment; SELECT count(*) FROM fact_sales_order; COMMIT'),
  ]);
  const prepared = await warehouse.database.connect();
  const query = { name: 'p', text: 'SELECT count(*)::int AS n FROM current_sales_order' };
  await prepared.query(query);
  expect(await warehouse.replay(lake)).toMatchObject({ version: 3 });
  const seen = await Promise.all(stops.slice(0, 3).map((stop) => stop()));
  await stops[3]();
  expect(seen).toEqual([3 * count, 3 * count, count].map((n) => new Set([JSON.stringify([{ n }])])));
  expect((await prepared.query(query)).rows).toEqual([{ n: count }]);
});

test('loads go on meanwhile, and the rebuilt warehouse has what they brought', async () => {
  let during: unknown;
  const result = await warehouse.replay(lake, {
    catchUp: onceFilled(async () => {
      await lake.commit({ fact_payment: [payment({ paid: 't' })] });
      during = await warehouse.load(lake);
    }),
  });
  expect(during).toMatchObject({ version: 4, versions: [4] });
  expect(result).toMatchObject({ version: 4, versions: [1, 2, 3, 4], loaded: { fact_payment: 2 } });
  expect(await warehouse.text('SELECT version FROM etl.load_log ORDER BY 1')).toEqual(['1', '2', '3', '4']);
});

test('a load that is at work is waited for, and what it brings is in the rebuilt warehouse', async () => {
  await lake.commit({ fact_payment: [payment({ paid: 't' })] });
  const behind = new TestLake(lake.lakeId);
  for (const [key, body] of lake.store.objects) if (!key.endsWith('04.json')) behind.store.objects.set(key, body);
  // The load reads the manifest of a version under the lock.
  const started = new Promise<void>((resolve) => {
    lake.store.beforeGet = async (key) => {
      if (!key.endsWith('04.json')) return;
      resolve();
      await lockAwaited;
    };
  });
  let letGo!: () => void;
  const lockAwaited = new Promise<void>((resolve) => (letGo = resolve));
  // The rebuilt schema has gone as far as the load that holds the lock by then.
  behind.store.beforeGet = (key) => {
    if (key.startsWith('star/fact_payment/v4')) letGo();
  };
  let load: ReturnType<TestWarehouse['load']> | undefined;
  const replayed = warehouse.replay(behind, {
    catchUp: onceFilled(async () => {
      load = warehouse.load(lake);
      await started;
      for (const [key, body] of lake.store.objects) behind.store.objects.set(key, body);
    }),
  });
  expect(await replayed).toMatchObject({ version: 4 });
  expect(await load).toMatchObject({ version: 4, versions: [4] });
});

test('a log that is behind the warehouse at the end is a conflict, and nothing changes', async () => {
  const behind = new TestLake(lake.lakeId);
  for (const [key, body] of lake.store.objects) behind.store.objects.set(key, body);
  let before: unknown;
  const replayed = warehouse.replay(behind, {
    catchUp: onceFilled(async () => {
      await lake.commit({});
      await warehouse.load(lake);
      before = (await unchanged()).slice(0, 1);
    }),
  });
  await expect(replayed).rejects.toThrow(CommitConflict);
  await expect(replayed).rejects.toThrow('went on to version 4 while it was rebuilt up to version 3');
  expect((await unchanged()).slice(0, 1)).toEqual(before);
});

test('what is not published changes nothing', async () => {
  const before = await unchanged();
  const publish = (): Promise<void> => Promise.reject(new CommitConflict('another was first'));
  await expect(warehouse.replay(lake, { publish })).rejects.toThrow(new CommitConflict('another was first'));
  expect(await unchanged()).toEqual(before);
});

test('a log that is brought up to one that goes on is replayed in the end, or given up', async () => {
  const next = new TestLake(lake.lakeId);
  const copy = (): void => {
    for (const [key, body] of lake.store.objects) next.store.objects.set(key, body);
  };
  let loads = 0;
  /** A load is done after each look at the log, as of a pipeline that goes on by itself. */
  const replayed = async (most: number): Promise<unknown> => {
    const catchUp = (): Promise<void> => {
      copy();
      return Promise.resolve();
    };
    next.store.beforeGet = async (key) => {
      if (!/^star.fact_sales_order.v\d+/.test(key) || loads >= most) return;
      if (next.store.objects.size < lake.store.objects.size) return;
      loads++;
      await lake.commit({ fact_sales_order: [sale({ sales_order_id: String(loads) })] });
      await warehouse.load(lake);
    };
    return warehouse.replay(next, { catchUp });
  };
  expect(await replayed(3)).toMatchObject({ version: 6 });
  loads = 0;
  const before = (await unchanged()).slice(0, 1);
  const endless = replayed(Infinity);
  await expect(endless).rejects.toThrow(CommitConflict);
  await expect(endless).rejects.toThrow('was loaded into 20 times while the rebuilt one caught up with it');
  expect((await unchanged()).slice(0, 1)).toEqual(before);
});

test('where the log is not put in force in the end, nothing changes; nor is it before all is in its place', async () => {
  const user = await warehouse.database.connect();
  let published = false;
  const publish = (): Promise<void> => {
    published = true;
    return Promise.resolve();
  };
  const use = onceFilled(async () => {
    await user.query('BEGIN; SELECT count(*) FROM current_sales_order');
  });
  const options = { publish, catchUp: use, patience: { locks: 0 } };
  await expect(warehouse.replay(lake, options)).rejects.toThrow('and nothing was changed');
  expect(published).toBe(false);
  await user.query('COMMIT');
  await warehouse.replay(lake, { publish });
  expect(published).toBe(true);
});

test.each(['rehearsed', 'exchanged'])(
  'tables that stay in use when they are %s end it, and nothing changes',
  async (when) => {
    const before = await unchanged();
    const user = await warehouse.database.connect();
    const use = async (): Promise<void> => {
      await user.query('BEGIN; SELECT count(*) FROM current_sales_order');
    };
    if (when === 'rehearsed') await use();
    const error: unknown = await warehouse
      .replay(lake, { catchUp: onceFilled(use), patience: { locks: 0 } })
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(WarehouseUnavailable);
    expect(String(error)).toContain('the tables of warehouse schema "public" were in use for 0 s');
    // The user was neither ended nor held up.
    expect(await user.query('SELECT 1; COMMIT')).toHaveLength(2);
    expect(await unchanged()).toEqual(before);
  },
);

test('a transaction that would find the rebuilt tables empty is waited for', async () => {
  const old = await warehouse.database.connect();
  await old.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
  const before = await unchanged();
  await expect(warehouse.replay(lake, { patience: { transactions: 0 } })).rejects.toThrow(
    /a transaction that began before the rebuilt tables were full .* session \d+ of postgres\. End it, then replay/,
  );
  expect(await unchanged()).toEqual(before);

  let count: unknown;
  const catchUp = onceFilled(async () => {
    setImmediate(
      () => void old.query('SELECT count(*)::int AS n FROM fact_payment; COMMIT').then((rows) => (count = rows)),
    );
    await Promise.resolve();
  });
  await warehouse.replay(lake, { catchUp });
  expect(count).toMatchObject([{ rows: [{ n: 1 }] }, {}]);
});

test('one replay of a schema at a time', async () => {
  await warehouse.replay(lake, {
    catchUp: async () => {
      await expect(warehouse.replay(lake)).rejects.toThrow(WarehouseUnavailable);
      await expect(warehouse.replay(lake)).rejects.toThrow('another replay of warehouse schema "public" is at work');
    },
  });
  expect(await warehouse.replay(lake)).toMatchObject({ version: 3 });
});

test.each(['star/dim_staff/v1', 'star/fact_sales_order/v2', 'publish'])(
  'one that is killed at %s leaves all as it was',
  async (at) => {
    const [relations, loads] = await unchanged();
    const client = await warehouse.database.connect();
    let killed = false;
    const kill = async (key: string): Promise<void> => {
      if (killed || !key.startsWith(at)) return;
      killed = true;
      await warehouse.terminate(client);
    };
    lake.store.beforeGet = kill;
    await expect(warehouse.replay(lake, { warehouse: client, publish: () => kill('publish') })).rejects.toThrow(
      WarehouseUnavailable,
    );
    const after = await unchanged();
    expect([after[0], after[2]]).toEqual([relations, ['public_replay']]);
    expect(after[1]!.filter((line) => line.startsWith('public|'))).toEqual(loads);

    expect(await warehouse.replay(lake)).toMatchObject({ version: 3, versions: [1, 2, 3] });
    expect((await unchanged())[2]).toEqual([]);
  },
);

test("a user's schema of the shadow's name is left alone", async () => {
  await warehouse.database.query('CREATE SCHEMA public_replay; CREATE TABLE public_replay.ours ()');
  const before = await unchanged();
  await expect(warehouse.replay(lake)).rejects.toThrow(WarehouseRefused);
  await expect(warehouse.replay(lake)).rejects.toThrow('a schema "public_replay" that no replay made');
  expect(await unchanged()).toEqual(before);
  await warehouse.database.query('DROP TABLE public_replay.ours');
  expect(await warehouse.replay(lake)).toMatchObject({ version: 3 });
});

test('long names have shadows of their own', () => {
  const names = ['a', 'b'].map((end) => shadowName('é'.repeat(31) + end));
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
  expect(shadowName('star')).toBe('star_replay');
});
