import { simulate } from '../src/sampleData/simulate.ts';
import type { Status } from '../src/status.ts';
import { openBench, totes, type Bench } from './pipelineTest.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench(5);
});
afterEach(() => bench.close());

const status = async (...options: string[]): Promise<Status> => {
  const { code, out } = await totes('status', '--lake', bench.lake, '--json', ...options);
  expect(code).toBe(0);
  return JSON.parse(out.at(-1)!) as Status;
};
const lines = async (...options: string[]): Promise<string> =>
  (await totes('status', '--lake', bench.lake, ...options)).out.join('\n');
const warehouse = (): string[] => ['--warehouse', bench.warehouse.url];

test('a lake that nothing was ever written to', async () => {
  expect(await status(...warehouse())).toMatchObject({
    raw: { version: 0, committedAt: null },
    processed: { version: 0 },
    warehouse: { schema: 'public', version: 0, loadedAt: null },
    lag: { versions: 0, seconds: 0, next: null },
    lastRun: null,
    quarantined: 0,
  });
  expect(await lines()).toContain('No run has committed anything yet.');
});

test('each stage that is behind is named, with how far', async () => {
  await bench.run();
  expect(await status(...warehouse())).toMatchObject({
    raw: { version: 1 },
    processed: { version: 1 },
    warehouse: { version: 1 },
    lag: { versions: 0, next: null },
  });
  expect(await lines(...warehouse())).toMatch(/Level: nothing waits.*\nLast change: run \d{8}T\d{6}Z-[0-9a-f]{8}/);
  for (let day = 0; day < 2; day++) {
    await simulate({ url: bench.source.url, days: 1 });
    await totes('ingest', '--lake', bench.lake, '--source', bench.source.url);
  }
  const behind = await status(...warehouse());
  expect(behind).toMatchObject({
    raw: { version: 3 },
    processed: { version: 1 },
    lag: { versions: 2, next: 'transform' },
  });
  expect(behind.lag.seconds).toBeGreaterThanOrEqual(0);
  expect(await lines()).toMatch(/Behind by 2 versions, .*: `totes transform` is next\./);
  await totes('transform', '--lake', bench.lake);
  expect(await status()).toMatchObject({ lag: { versions: 0, next: null } });
  expect(await status(...warehouse())).toMatchObject({ lag: { versions: 2, next: 'load' }, warehouse: { version: 1 } });
  expect(await lines(...warehouse())).toMatch(/warehouse schema public +1 .*\n.*`totes load` is next\./);
});

test('a warehouse of another lake holds nothing of this one', async () => {
  await bench.run();
  const other = await openBench(3);
  await other.run();
  expect(await status('--warehouse', other.warehouse.url)).toMatchObject({
    warehouse: { version: 0, loadedAt: null, otherLake: true },
    lag: { versions: 1, next: 'load' },
  });
  await other.close();
});
