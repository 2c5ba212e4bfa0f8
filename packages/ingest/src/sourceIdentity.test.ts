import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { connectPostgres, rawBucket, type RawBucket } from '@totes/core';
import pg from 'pg';
import { createCluster, type Cluster } from '../../../scripts/jest/cluster.ts';
import { MemoryStore } from '../../core/test/memoryStore.ts';
import { department, rowsOf, totesysTables } from '../test/totesys.ts';
import { ingest, type IngestResult } from './ingest.ts';

jest.setTimeout(300_000);

/** A totesys with departments 1 and 2, stopped; each test has copies of it. */
let original: Cluster;
beforeAll(async () => {
  original = await createCluster('totesys');
  await sql(original, `${totesysTables()}; ${department(1, 'one')}; ${department(2, 'two')}`);
  await original.stop();
});
afterAll(() => original.drop());

let raw: RawBucket;
let clusters: Cluster[];
beforeEach(() => {
  raw = rawBucket(new MemoryStore());
  clusters = [];
});
afterEach(() => Promise.all(clusters.map((cluster) => cluster.drop())));

async function copyOf(cluster: Cluster): Promise<Cluster> {
  const copy = await cluster.copy();
  clusters.push(copy);
  return copy;
}

async function started(cluster: Cluster): Promise<Cluster> {
  await cluster.start();
  return cluster;
}

/** Runs each text in a transaction of its own. */
async function sql(cluster: Cluster, ...texts: readonly string[]): Promise<void> {
  const client = new pg.Client(cluster.url('totesys'));
  await client.connect();
  try {
    for (const text of texts) await client.query(text);
  } finally {
    await client.end();
  }
}

/** Gives out transaction ids that write nothing. */
const useIds = (count: number): string[] => Array<string>(count).fill('SELECT pg_current_xact_id()');

async function ingestFrom(cluster: Cluster): Promise<IngestResult> {
  const url = cluster.url('totesys');
  const source = await connectPostgres({ url, side: 'source', applicationName: 'test' });
  try {
    const runId = `run-${Math.random()}`;
    return await ingest({
      source,
      raw,
      options: { format: 'json' },
      runId,
      codeVersion: 'test',
      now: () => new Date(),
    });
  } finally {
    await source.end();
  }
}

/** The ids of the departments that a version brings. */
async function departments({ version }: IngestResult): Promise<unknown[]> {
  const { objects } = (await raw.log.read(version)).tables.department!;
  return (await rowsOf(raw, objects)).map((row) => row.department_id).sort();
}

/** Everything was read again for this reason, and the reason told; then, with nothing new, all is quiet. */
async function expectReadAgain(cluster: Cluster, reason: RegExp, ids: readonly number[]): Promise<void> {
  const result = await ingestFrom(cluster);
  expect(result.fullReadBecause).toMatch(reason);
  expect(result.notices).toEqual([`everything was read again: ${result.fullReadBecause}`]);
  expect(await departments(result)).toEqual(ids);
  expect((await raw.log.read(result.version)).fullReadBecause).toBe(result.fullReadBecause);
  expect(await ingestFrom(cluster)).toMatchObject({ committed: false });
}

test('a restart is noticed, and rows written before and after it are there', async () => {
  const source = await started(await copyOf(original));
  await ingestFrom(source);
  await sql(source, department(3, 'before the restart'));
  await source.stop();
  await source.start();
  await sql(source, department(4, 'after it'));
  await expectReadAgain(
    source,
    /^the source's server was started at .*; at version 1 it was the one started/,
    [1, 2, 3, 4],
  );
});

test('a copy of the stopped source whose transaction ids have passed the old ones is noticed', async () => {
  const source = await copyOf(original);
  const copy = await started(await copyOf(original));
  await source.start();
  await sql(source, department(3, 'only in the source'), ...useIds(5));
  await ingestFrom(source);
  await source.stop();
  // Under an id that the version above has seen, in the source, as another transaction.
  await sql(copy, department(4, 'only in the copy'), ...useIds(10));
  await expectReadAgain(copy, /^the source's server was started at/, [1, 2, 4]);
});

test('a copy that has given out fewer transaction ids is noticed by them', async () => {
  const source = await copyOf(original);
  const copy = await started(await copyOf(original));
  await source.start();
  await sql(source, ...useIds(10));
  await ingestFrom(source);
  await sql(copy, department(3, 'only in the copy'));
  await expectReadAgain(copy, /^the source's transaction ids went back from \d+ at version 1 to \d+/, [1, 2, 3]);
});

test('another cluster in its place is noticed', async () => {
  await ingestFrom(await started(await copyOf(original)));
  const other = await createCluster('totesys');
  clusters.push(other);
  await sql(other, `${totesysTables()}; ${department(7, 'elsewhere')}`);
  await expectReadAgain(other, /^the source's system identifier is "\d+", at version 1 it was "\d+"/, [7]);
});

test('a standby that takes over is noticed when it answers, and again when it is promoted', async () => {
  const source = await started(await copyOf(original));
  await ingestFrom(source);
  await sql(source, department(3, 'the last of the old one'));
  await source.stop();
  const standby = await copyOf(source);
  await writeFile(join(standby.directory, 'standby.signal'), '');
  await standby.start();
  await expectReadAgain(standby, /^the source's server was started at/, [1, 2, 3]);
  await sql(standby, 'SELECT pg_promote()', department(4, 'on the new timeline'));
  // The same process as before, so nothing but the timeline tells.
  await expectReadAgain(standby, /^the source's timeline is 2, at version 2 it was 1/, [1, 2, 3, 4]);
});

test('a server process that crashed and came back under the same start is noticed', async () => {
  const source = await started(await copyOf(original));
  await ingestFrom(source);
  const client = new pg.Client(source.url('totesys'));
  const lost = new Promise((resolve) => client.once('error', resolve));
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  process.kill(rows[0]!.pid, 'SIGKILL');
  await lost;
  await untilBack(source);
  await sql(source, department(3, 'after the crash'));
  await expectReadAgain(source, /^the source recovered from a crash at/, [1, 2, 3]);
});

/** The server takes no connections while it recovers. */
async function untilBack(cluster: Cluster): Promise<void> {
  for (;;) {
    try {
      await sql(cluster, 'SELECT 1');
      return;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) && !/ECONN|terminated/.test(String(error))) throw error;
    }
  }
}
