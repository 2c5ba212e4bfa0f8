import { dirname, join } from 'node:path';
import { connectPostgres, newRunId, openLake } from '@totes/core';
import { ingest } from '@totes/ingest';
import type { LargeVersion } from '@totes/transform';
import { runTransform } from '../../transform/src/container.ts';
import { createDatabase } from '../../../scripts/jest/database.ts';
import { contents, differences } from './compare.ts';
import { openBench, totes, type Bench } from './pipelineTest.ts';

let bench: Bench;
beforeAll(async () => (bench = await openBench(400)));
afterAll(() => bench.close());

test('one slice a table and many make the same warehouse, keys of records included', async () => {
  await bench.run('--connections', '1');
  const other = await createDatabase();
  const lake = join(dirname(bench.lake), 'sliced');
  const target = { url: bench.source.url, side: 'source', applicationName: 'test' } as const;
  const source = await connectPostgres(target);
  const { raw } = await openLake(lake);
  await ingest({
    source,
    raw,
    readers: { target, connections: 3 },
    options: { format: 'csv', sliceBlocks: 1 },
    runId: newRunId(new Date()),
    codeVersion: 'test',
    now: () => new Date(),
  });
  await source.end();
  const { tables } = await raw.log.read(1);
  expect(Object.values(tables).filter(({ objects }) => objects.length > 3).length).toBeGreaterThan(3);
  await transformInSlices(lake);
  const run = await totes('run', '--source', bench.source.url, '--warehouse', other.url, '--lake', lake);
  expect(run).toMatchObject({ code: 0 });
  expect(await differences(bench.source, other)).toEqual([]);
  expect(await contents(other)).toEqual(await contents(bench.warehouse));
  await other.drop();
});

/** Transforms as the state machine has it done: some slices by calls of their own, the others by the call that commits. */
async function transformInSlices(lake: string): Promise<void> {
  const { raw, processed } = await openLake(lake);
  const env = { RAW_BUCKET: raw.store.uri, PROCESSED_BUCKET: processed.store.uri };
  const call = (event: object) => runTransform(env, undefined, event);
  const { folder, slices } = (await call({ fanOut: true })) as LargeVersion;
  for (let number = slices - 1; number >= 0; number -= 2) await call({ slices: { task: 'slice', folder, number } });
  expect(await call({ fanOut: true, slices: { task: 'commit', folder } })).toMatchObject({ transformed: [1] });
}
