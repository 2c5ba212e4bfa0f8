import { execFile } from 'node:child_process';
import { access, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { createDatabase } from '../../../scripts/jest/database.ts';
import { demoLines, runDemo } from '../src/demo.ts';
import { stopDetached } from '../src/local/detachedServer.ts';
import { totes } from './pipelineTest.ts';

const quiet = { out: () => undefined, error: () => undefined, progress: () => undefined };

/** Not where a person's own demo is: that one must stay. */
const folder = join(tmpdir(), `totes-demo-test-${process.pid}`);

test('it leaves a source and a warehouse to look at, with what it says is in them', async () => {
  const result = await runDemo({ orders: 40, keep: true, folder }, quiet);
  const client = new pg.Client(result.warehouse);
  await client.connect();
  for (const [name, rows] of Object.entries(result.warehouseRows)) {
    const count = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${name}`);
    expect([name, count.rows[0]!.n]).toEqual([name, rows]);
  }
  await client.end();
  expect(result.warehouseRows.fact_sales_order).toBe(
    result.firstRun.loaded.fact_sales_order! + result.secondRun.loaded.fact_sales_order!,
  );
  const text = demoLines(result).join('\n');
  for (const part of [result.lake, result.source, result.warehouse, result.dashboard, `kill ${result.serverPid!}`]) {
    expect(text).toContain(part);
  }
  const places = ['--source', result.source, '--warehouse', result.warehouse, '--lake', result.lake];
  expect((await totes('status', ...places)).out[0]).toMatch(/^Healthy/);
  await totes('simulate', '--database', result.source, '--days', '1');
  const next = JSON.parse((await totes('run', ...places, '--json')).out.at(-1)!) as { read: Record<string, number> };
  // What is new alone, not all: the server that stays is the one that was read.
  expect(next.read.staff).toBe(0);
  expect(await readFile(result.dashboard, 'utf8')).toMatch(/^<!doctype html>/);
  // A second demo takes the first one's place, and one that is not kept leaves nothing.
  const second = await runDemo({ orders: 20, keep: false, folder }, quiet);
  expect(demoLines(second).at(-1)).toContain('--keep');
  await expect(access(folder)).rejects.toThrow('ENOENT');
});

test('a demo that fails stops what it started', async () => {
  await expect(runDemo({ orders: -1, keep: true, folder }, quiet)).rejects.toThrow(/orders/);
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args']);
  expect(stdout).not.toContain(join(folder, 'postgres'));
  await rm(folder, { recursive: true, force: true });
});

test('stopping a server that does not run is no error', async () => {
  await stopDetached(join(folder, 'nowhere'));
});

test('generate and simulate say what they made', async () => {
  const database = await createDatabase();
  const generated = await totes('generate', '--database', database.url, '--orders', '30', '--json');
  expect(JSON.parse(generated.out.at(-1)!)).toMatchObject({ rows: { sales_order: 30, payment: 45 } });
  const simulated = await totes('simulate', '--database', database.url, '--days', '2');
  expect(simulated).toMatchObject({ code: 0 });
  expect(simulated.out.join('\n')).toMatch(/sales orders +\d+/);
  const again = await totes('generate', '--database', database.url);
  expect(again).toMatchObject({ code: 1, out: [] });
  expect(again.error).toHaveLength(1);
  await database.drop();
});
