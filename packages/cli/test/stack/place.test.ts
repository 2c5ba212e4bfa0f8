import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { openStack } from '../../src/stack/openStack.ts';
import { totes } from '../pipelineTest.ts';
import { openStackBench, type StackBench } from './stackBench.ts';

/** Where `--stack` finds a stack, and what it takes the place of. */
let bench: StackBench;
let folder: string;
const { PATH } = process.env;
beforeAll(async () => {
  bench = await openStackBench();
  folder = await mkdtemp(join(tmpdir(), 'totes-terraform-'));
});
afterEach(() => {
  process.env.PATH = PATH;
});
afterAll(async () => {
  await bench.close();
  await rm(folder, { recursive: true });
});

/** Puts a program of that name first on the path. */
async function terraform(script: string): Promise<void> {
  await writeFile(join(folder, 'terraform'), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, 'terraform'), 0o755);
  process.env.PATH = `${folder}${delimiter}${PATH!}`;
}

const problem = async (place: string): Promise<string> => {
  const { code, out } = await totes('history', '--stack', place, '--json');
  const { error } = JSON.parse(out.at(-1)!) as { error: { name: string; message: string } };
  expect([code, error.name]).toEqual([1, 'ConfigInvalid']);
  return error.message;
};

test('a file with the outputs, and a folder that Terraform gives them for', async () => {
  const stack = await openStack(bench.place);
  expect(stack).toMatchObject({ name: 'shop', warehouseSchema: 'star', stateMachine: bench.aws.stateMachine });
  await terraform(`test "$1 $2 $3" = "-chdir=${folder} output -json" && cat '${bench.place}'`);
  expect(await openStack(folder)).toEqual({ ...stack, place: folder });
});

test('from then on this process works in the region of the stack', async () => {
  await openStack(await bench.outputs({ region: 'ap-southeast-2' }));
  expect(process.env.AWS_REGION).toBe('ap-southeast-2');
});

test('what is no stack is refused, with what to do', async () => {
  expect(await problem(join(folder, 'nowhere'))).toMatch(/there is no such file or folder/);
  await writeFile(join(folder, 'text'), 'postgres://me:s3cret@host/db');
  expect(await problem(join(folder, 'text'))).toMatch(
    /is not a stack: expected the JSON that `terraform output -json` prints$/,
  );
  expect(await problem(await bench.outputs({ name: null, secret_arns: { source: 'x' }, region: 'Ireland' }))).toMatch(
    /is not a stack of this release: outputs that are missing or wrong: name, region, secret_arns; /,
  );
});

test('a folder that Terraform knows nothing of, and one that it fails in', async () => {
  await terraform('echo "{}"');
  expect(await problem(folder)).toMatch(/Terraform has no outputs there: apply the configuration first/);
  await terraform(`printf '╷\\n│ Error: Backend initialization required\\n│ \\n│ run init\\n╵\\n' >&2; exit 1`);
  expect(await problem(folder)).toMatch(
    /`terraform output -json` failed: Error: Backend initialization required run init$/,
  );
  process.env.PATH = '/nonexistent';
  expect(await problem(folder)).toMatch(/there is no terraform on the PATH to ask: install it, or name a file/);
});

test.each([
  [['run', '--source', 'x'], '--source'],
  [['run', '--raw-format', 'json'], '--raw-format'],
  [['status', '--lake', 'x'], '--lake'],
  [['status', '--schema', 'x'], '--schema'],
  [['verify', '--source-schema', 'x'], '--source-schema'],
  [['replay', '--warehouse', 'x'], '--warehouse'],
  [['quarantine', 'list', '--lake', 'x'], '--lake'],
])('%j beside --stack is wrong usage', async (args, option) => {
  const { code, error } = await totes(...args, '--stack', bench.place);
  expect([code, error.join()]).toEqual([2, expect.stringContaining(`cannot be used with option '${option} <`)]);
});

test('--watch without a stack is wrong usage', async () => {
  const places = ['--source', 'a', '--lake', 'b', '--warehouse', 'c'];
  expect(await totes('run', ...places, '--watch')).toMatchObject({
    code: 2,
    error: [expect.stringContaining('it needs --stack')],
  });
});

test('history and quarantine read the lake of the stack; a retry waits for the next run', async () => {
  await bench.commit({});
  await bench.commit({ processed: null });
  const { out } = await totes('history', '--stack', bench.place);
  expect(out).toEqual([
    'version  source read at            run         rows read  rows written  set aside  committed at',
    '      2  2026-01-05T09:00:00.000Z  run-2.00ff          0  not yet       not yet    2026-01-05T09:00:00.000Z',
    '      1  2026-01-05T09:00:00.000Z  run-1.00ff          0             0          0  2026-01-05T09:00:00.000Z',
  ]);
  expect((await totes('history', '--stack', bench.place, '--limit', '1')).out).toHaveLength(2);
  expect((await totes('quarantine', 'list', '--stack', bench.place)).out).toEqual(['No row is set aside.']);
  expect((await totes('quarantine', 'show', '--stack', bench.place)).out).toEqual(['No such row is set aside.']);
  expect((await totes('quarantine', 'retry', '--stack', bench.place)).out).toEqual([
    'Request 1 is in the lake; the next run tries the rows again.',
  ]);
  expect([...bench.s3.objects.keys()]).toContain('ingestion/requests/00000000000000000001.json');
});
