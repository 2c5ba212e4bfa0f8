import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createDatabase } from '../../../../scripts/jest/database.ts';
import { openBench, totes, type Bench, type Outcome } from '../pipelineTest.ts';
import { canMount, mountDisk } from './smallDisk.ts';
import { expectWhole, failureOf } from './wholeness.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench(10);
});
afterEach(() => bench.close());

const mounting = await canMount();
/** A test that needs a disk of its own; skipped, by name, where this user may not mount one. */
const onDisk = (name: string, body: () => Promise<void>): void => {
  if (mounting) test(name, body, 120_000);
  else test.skip(`${name} (needs the right to mount a tmpfs)`, body);
};

const args = (lake = bench.lake): string[] => [
  'run',
  '--source',
  bench.source.url,
  '--warehouse',
  bench.warehouse.url,
  '--lake',
  lake,
  '--json',
];

onDisk('a lake that is full, again and again, at another object each time', async () => {
  const disk = await mountDisk(4096);
  try {
    const lake = join(disk.path, 'lake');
    let fullRuns = 0;
    for (let outcome = await totes(...args(lake)); outcome.code !== 0; outcome = await totes(...args(lake))) {
      expect(failureOf(outcome)).toBe('LakeRefused');
      expect(outcome.error[0]).toMatch(/^totes: lake \/.* cannot be written: ENOSPC: .*: free some space, or choose/);
      fullRuns++;
      // Each run that failed has left objects that nothing names, so the next one needs more.
      await disk.resize(Math.round(16_384 * 1.5 ** fullRuns));
    }
    expect(fullRuns).toBeGreaterThan(5);
    await expectWhole({ ...bench, lake });
  } finally {
    await disk.unmount();
  }
});

describe.each(['default_tablespace', 'temp_tablespaces'])('a warehouse whose %s is full', (setting) => {
  onDisk('is unavailable until there is space again', async () => {
    const [row] = await bench.warehouse.query<{ data_directory: string }>('SHOW data_directory');
    const disk = await mountDisk(65_536, await stat(row!.data_directory));
    const space = `small_${process.pid}_${setting}`;
    const database = new URL(bench.warehouse.url).pathname.slice(1);
    try {
      await bench.warehouse.query(`CREATE TABLESPACE ${space} LOCATION '${disk.path}'`);
      if (setting === 'temp_tablespaces') await changeAll();
      await bench.warehouse.query(`ALTER DATABASE ${database} SET ${setting} = ${space}`);
      let fullRuns = 0;
      for (let outcome = await totes(...args()); outcome.code !== 0; outcome = await totes(...args())) {
        expect(failureOf(outcome)).toBe('WarehouseUnavailable');
        expect(outcome.error[0]).toMatch(/No space left on device/);
        fullRuns++;
        await disk.resize(65_536 * 2 ** fullRuns);
      }
      expect(fullRuns).toBeGreaterThan(0);
      await expectWhole(bench);
    } finally {
      await bench.close();
      bench = await openBench(1);
      const other = await createDatabase();
      await other.query(`DROP TABLESPACE IF EXISTS ${space}`);
      await other.drop();
      await disk.unmount();
    }
  });
});

/** Lets the next load have many rows to compare with those that are there: only these pass through temporary tables. */
async function changeAll(): Promise<void> {
  expect(await totes(...args())).toMatchObject({ code: 0 });
  for (const table of ['address', 'staff', 'design', 'sales_order', 'payment']) {
    await bench.source.query(`UPDATE ${table} SET last_updated = now()`);
  }
}

test('files that may not grow any further', async () => {
  const limited = await run('ulimit -f 1; exec "$@"');
  expect(failureOf(limited)).toBe('LakeRefused');
  expect(limited.error[0]).toMatch(/cannot be written: EFBIG/);
  expect(failureOf(await run('exec "$@"'))).toBeUndefined();
  await expectWhole(bench);
});

/** Runs the pipeline as a process of its own, by a shell's script. */
function run(script: string): Promise<Outcome> {
  const main = join(import.meta.dirname, '../../src/main.ts');
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', main, ...args()];
  return new Promise((resolve) => {
    execFile('bash', ['-c', script, 'bash', ...command], (error, stdout, stderr) => {
      const lines = (text: string): string[] => text.split('\n').filter(Boolean);
      resolve({ code: error === null ? 0 : Number(error.code), out: lines(stdout), error: lines(stderr) });
    });
  });
}
