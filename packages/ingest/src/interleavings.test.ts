import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type pg from 'pg';
import { createTotesys, type Row, type Totesys } from '../test/totesys.ts';

/** Connections that run transactions side by side. */
const sessions = 3;

let totesys: Totesys;
let clients: pg.Client[];
beforeAll(async () => {
  totesys = await createTotesys();
  await totesys.database.query(`
    CREATE TABLE by_scan (id int PRIMARY KEY, value int NOT NULL, last_updated timestamp(3) NOT NULL);
    CREATE TABLE partitioned (id int, value int NOT NULL, last_updated timestamp(3) NOT NULL, PRIMARY KEY (id))
      PARTITION BY RANGE (id);
    CREATE TABLE low PARTITION OF partitioned FOR VALUES FROM (0) TO (4);
    CREATE TABLE high PARTITION OF partitioned FOR VALUES FROM (4) TO (8)`);
  clients = await Promise.all(Array.from({ length: sessions }, () => totesys.database.connect()));
  // A session that would wait for another's row gives up the statement instead, and so the whole transaction.
  await Promise.all(clients.map((client) => client.query("SET lock_timeout = '5ms'")));
});
afterAll(() => totesys.drop());

const tables = ['by_scan', 'partitioned'] as const;

type Step =
  | {
      readonly kind: 'begin' | 'savepoint' | 'rollbackTo' | 'release' | 'commit' | 'rollback';
      readonly session: number;
    }
  | {
      readonly kind: 'write';
      readonly session: number;
      readonly table: (typeof tables)[number];
      readonly id: number;
      readonly value: number;
      readonly hour: number;
    }
  | { readonly kind: 'ingest' }
  | { readonly kind: 'vacuum' };

const session = fc.nat(sessions - 1);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      session,
      table: fc.constantFrom(...tables),
      id: fc.nat(7),
      value: fc.nat(99),
      hour: fc.nat(23),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('begin', 'begin', 'savepoint', 'savepoint', 'rollbackTo', 'release', 'commit', 'rollback'),
      session,
    }),
  },
  { weight: 4, arbitrary: fc.constant<Step>({ kind: 'ingest' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'vacuum' }) },
);

const statement = {
  begin: 'BEGIN',
  savepoint: 'SAVEPOINT s',
  rollbackTo: 'ROLLBACK TO SAVEPOINT s',
  release: 'RELEASE SAVEPOINT s',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
} as const;

/** What a reader of the lake knows: the row of each key, as the versions brought it. No row is ever deleted. */
const known = { by_scan: new Map<number, Row>(), partitioned: new Map<number, Row>() };

async function ingestAndCompare(): Promise<void> {
  const { version, committed } = await totesys.ingest();
  for (const table of committed ? tables : []) {
    for (const row of await totesys.rows(version, table)) known[table].set(row.id as number, row);
  }
  for (const table of tables) {
    const rows = await totesys.database.query<{ row: Row }>(`SELECT row_to_json(t.*) AS row FROM ${table} t`);
    expect(sorted([...known[table].values()])).toEqual(sorted(rows.map(({ row }) => row)));
  }
}

const sorted = (rows: readonly Row[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

async function take(step: Step): Promise<void> {
  if (step.kind === 'ingest') return ingestAndCompare();
  if (step.kind === 'vacuum') {
    await totesys.database.query('VACUUM (FREEZE) by_scan');
    return;
  }
  const sql =
    step.kind === 'write'
      ? `INSERT INTO ${step.table} VALUES (${step.id}, ${step.value}, timestamp '2026-01-01' + ${step.hour} * interval '1h')
         ON CONFLICT (id) DO UPDATE SET value = EXCLUDED.value, last_updated = EXCLUDED.last_updated`
      : statement[step.kind];
  // A savepoint that is not there, a row that another session holds: the session's transaction has failed, no more.
  await clients[step.session]!.query(sql).catch(() => undefined);
}

test('whatever transactions do, the versions in order give the tables as the source shows them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      for (const each of steps) await take(each);
      await ingestAndCompare();
      for (const client of clients) await client.query('COMMIT');
      await ingestAndCompare();
    }),
    { numRuns: 30, seed: 20260131, endOnFailure: true },
  );
}, 300_000);
