import { readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LakeCorrupt, manifestFormat, openLake, requestLook } from '@totes/core';
import { sealed } from '../../../core/src/lake/seal.ts';
import { contents, differences } from '../compare.ts';
import { openBench, totes, type Bench, type Outcome } from '../pipelineTest.ts';
import { failureOf } from './wholeness.ts';

/**
 * A processed log that was rebuilt: the document that names its folder, and the manifests in that, damaged before each
 * command that reads them. So is a request to look again that nobody has served, and a rebuilding of the log.
 */
let bench: Bench;
let files: Readonly<Record<string, string>>;

beforeAll(async () => {
  bench = await openBench(6);
  await bench.run();
  await bench.source.query('UPDATE sales_order SET units_sold = 7');
  await bench.run();
  expect(failureOf(await command('replay', '--from-raw'))).toBeUndefined();
  // Work for all stages.
  await bench.source.query('UPDATE sales_order SET units_sold = 8');
  const { raw } = await openLake(bench.lake);
  await requestLook(raw.store, { requestedBy: 'test', keys: { payment: [1] } }, { runId: 'r', now: new Date(0) });
  const log = join(bench.lake, 'processed/log');
  const [folder] = (await readdir(log)).filter((name) => name.startsWith('rebuilt-'));
  files = {
    pointer: join(log, 'generation-00002.json'),
    first: join(log, folder!, '00000000000000000001.json'),
    newest: join(log, folder!, '00000000000000000002.json'),
    request: join(bench.lake, 'ingestion/requests/00000000000000000001.json'),
  };
});
afterAll(() => bench.close());

function command(name: string, ...options: string[]): Promise<Outcome> {
  const { source, warehouse, lake } = bench;
  const reads = ['run', 'verify'].includes(name) ? ['--source', source.url] : [];
  return totes(name, ...reads, '--warehouse', warehouse.url, '--lake', lake, '--json', ...options);
}

/** Works with a file that holds something else for a while. */
async function holding<T>(file: string, body: Uint8Array, work: () => Promise<T>): Promise<T> {
  const kept = await readFile(file);
  await writeFile(file, body);
  try {
    return await work();
  } finally {
    await writeFile(file, kept);
  }
}

const newer = (body: Buffer): Buffer => {
  const document = JSON.parse(body.toString()) as object;
  return sealed({ ...document, format: manifestFormat + 1, sha256: undefined });
};

const damages: readonly [string, string, (body: Buffer) => Buffer][] = [
  ['empty', 'LakeCorrupt', () => Buffer.of()],
  ['truncated', 'LakeCorrupt', (body) => body.subarray(0, body.length >> 1)],
  ['altered', 'LakeCorrupt', (body) => Buffer.from(body.with(body.length >> 1, body[body.length >> 1]! ^ 1))],
  ['of a newer format', 'ManifestUnsupported', newer],
];

/** Who reads what. A run that ingests serves the request, though it fails then; so this comes first. */
const readers: readonly [string, string[]][] = [
  ['request', ['run']],
  ['pointer', ['status', 'verify', 'replay', 'load', 'run']],
  ['newest', ['verify', 'replay', 'load', 'run']],
  ['first', ['replay']],
];

test.each(readers.flatMap(([what, commands]) => damages.map((damage) => [what, ...damage, commands] as const)))(
  'the %s, %s: is refused as %s, and nothing of it arrives',
  async (what, _, name, damage, commands) => {
    const file = files[what]!;
    const before = await contents(bench.warehouse);
    await holding(file, damage(await readFile(file)), async () => {
      for (const each of commands) {
        const outcome = await command(each);
        expect([each, failureOf(outcome)]).toEqual([each, name]);
        expect(outcome.error[0]).toContain(file);
      }
    });
    expect(await contents(bench.warehouse)).toEqual(before);
  },
);

test('a pointer with a bit flipped, wherever that is, is refused', async () => {
  const body = await readFile(files.pointer!);
  for (let bit = 0; bit < body.length * 8; bit += 31) {
    const flipped = body.with(bit >> 3, body[bit >> 3]! ^ (1 << (bit % 8)));
    await holding(files.pointer!, flipped, async () => {
      const { processed } = await openLake(bench.lake);
      await expect(processed.log.head()).rejects.toThrow(LakeCorrupt);
    });
  }
});

test('a raw object that cannot be read ends a rebuilding halfway: the log in force stays, and the warehouse', async () => {
  const { raw } = await openLake(bench.lake);
  const { key } = (await raw.log.read(2)).tables.sales_order!.objects[0]!;
  const file = join(bench.lake, 'ingestion', key);
  const state = async (): Promise<unknown> => [
    await contents(bench.warehouse),
    (await readdir(join(bench.lake, 'processed/log'))).filter((name) => name.startsWith('generation-')),
  ];
  const before = await state();
  await rename(file, `${file}.kept`);
  await symlink(file, file);
  const outcome = await command('replay', '--from-raw');
  expect(failureOf(outcome)).toBe('LakeRefused');
  expect(outcome.error[0]).toMatch(/^totes: lake \/.*\/ingestion cannot be read: ELOOP/);
  expect(await state()).toEqual(before);
  await rename(`${file}.kept`, file);
  expect(failureOf(await command('replay', '--from-raw'))).toBeUndefined();
});

test('when they are put back, the run goes on and serves the request', async () => {
  expect(failureOf(await command('run'))).toBeUndefined();
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
  const { raw } = await openLake(bench.lake);
  expect(await raw.log.read(await raw.log.head())).toMatchObject({ requests: 1 });
});
