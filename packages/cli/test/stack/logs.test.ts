import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { totes } from '../pipelineTest.ts';
import { openStackBench, type StackBench } from './stackBench.ts';

let bench: StackBench;
let now: number;
beforeAll(async () => {
  bench = await openStackBench();
});
afterAll(() => bench.close());

const write = (stage: string, minutesAgo: number, ...lines: (object | string)[]): void => {
  const text = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
  bench.aws.logs.get(`/aws/lambda/shop-${stage}`)!.push({ at: now - minutesAgo * 60_000, text });
};
const common = { service: 'shop-ingest', timestamp: '2026-01-05T09:00:00Z', cold_start: true, run: 'run-1' };

beforeEach(() => {
  now = Date.now();
  for (const events of bench.aws.logs.values()) events.length = 0;
  write('transform', 50, { ...common, level: 'WARN', message: 'rows set aside', version: 2, rows: { payment: 3 } });
  write('ingest', 58, 'START RequestId: 1 Version: $LATEST', {
    ...common,
    level: 'INFO',
    message: 'ingest finished',
    seconds: 1.5,
  });
  write('ingest', 57, { _aws: { Timestamp: 1 }, RowsRead: 3 }, 'REPORT RequestId: 1 Duration: 2 ms');
  write('load', 40, {
    ...common,
    run: 'run-2',
    level: 'ERROR',
    message: 'load failed',
    error: { name: 'LakeCorrupt', message: 'no JSON' },
  });
  write('load', 30, 'RequestId: 3 Error: Runtime exited with error: signal: killed');
  write('ingest', 120, { ...common, run: 'run-0', level: 'INFO', message: 'long ago' });
  write('verify', 20, { time: 'x', type: 'platform.start', record: {} });
});

const logs = async (...options: string[]): Promise<string[]> => {
  const { code, out } = await totes('logs', '--stack', bench.place, ...options);
  expect(code).toBe(0);
  return out;
};
const at = (minutesAgo: number): string => new Date(now - minutesAgo * 60_000).toISOString();

test('lines of all functions by time, without metrics and what Lambda writes; what is no JSON as it is', async () => {
  expect(await logs()).toEqual([
    `${at(58)}  INFO   ingest     run-1  ingest finished  seconds=1.5`,
    `${at(50)}  WARN   transform  run-1  rows set aside  version=2 rows={"payment":3}`,
    `${at(40)}  ERROR  load       run-2  load failed  error=LakeCorrupt: no JSON`,
    `${at(30)}         load       RequestId: 3 Error: Runtime exited with error: signal: killed`,
  ]);
});

test.each([
  [['--stage', 'ingest'], ['ingest finished']],
  [
    ['--level', 'warn'],
    ['rows set aside', 'load failed', 'Runtime exited'],
  ],
  [['--run', 'run-2'], ['load failed']],
  [
    ['--since', '45m'],
    ['load failed', 'Runtime exited'],
  ],
  [
    ['--since', '3h', '--stage', 'ingest'],
    ['long ago', 'ingest finished'],
  ],
  [['--run', 'run-0'], ['long ago']],
])('%j', async (options, expected) => {
  const found = await logs(...options);
  expect(found).toHaveLength(expected.length);
  found.forEach((line, i) => {
    expect(line).toContain(expected[i]);
  });
});

test('objects for programs, one a line', async () => {
  const objects = (await logs('--json')).map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(objects.map(({ message }) => message)).toEqual([
    ...['ingest finished', 'rows set aside', 'load failed'],
    'RequestId: 3 Error: Runtime exited with error: signal: killed',
  ]);
  expect(objects[0]).toMatchObject({ ...common, level: 'INFO', seconds: 1.5 });
  expect(objects[3]).toEqual({ timestamp: at(30), stage: 'load', message: objects[3]!.message });
});

test('--follow shows each line once, those that come later too, until Ctrl-C', async () => {
  const program = join(import.meta.dirname, '../../src/main.ts');
  const args = ['--disable-warning=ExperimentalWarning', program, 'logs', '--stack', bench.place, '--follow'];
  const child = spawn(process.execPath, args, { env: process.env });
  let text = '';
  child.stdout.setEncoding('utf8');
  for await (const chunk of child.stdout as AsyncIterable<string>) {
    const before = text;
    text += chunk;
    if (!before.includes('killed') && text.includes('killed'))
      write('verify', 0, { level: 'INFO', message: 'the last one' });
    if (text.includes('the last one')) break;
  }
  const exit = once(child, 'exit') as Promise<[number | null]>;
  child.kill('SIGINT');
  expect(await exit).toEqual([0, null]);
  expect(text.trimEnd().split('\n')).toHaveLength(5);
});

test('what the runtime repeats of an error is left out; one that nothing else told of is shown', async () => {
  const ofRuntime = (requestId: string): object => ({
    ...{ timestamp: '2026-01-05T09:00:00Z', level: 'ERROR', requestId },
    message: { errorType: 'WarehouseUnavailable', errorMessage: 'it is away', stackTrace: ['Error: it is away'] },
  });
  const ours = { ...common, level: 'WARN', message: 'load failed', function_request_id: 'call-1' };
  const error = { name: 'WarehouseUnavailable', message: 'it is away' };
  write('load', 20, { ...ours, error });
  write('load', 19, ofRuntime('call-1'));
  write('load', 18, ofRuntime('call-2'));
  expect(await logs('--since', '25m')).toEqual([
    `${at(20)}  WARN   load       run-1  load failed  error=WarehouseUnavailable: it is away`,
    `${at(18)}  ERROR  load       WarehouseUnavailable: it is away`,
  ]);
  expect(await logs('--since', '25m', '--level', 'error')).toHaveLength(1);
});

test.each([
  [['--since', 'yesterday'], /Write a number and s, m, h or d/],
  [['--stage', 'extract'], /Allowed choices are ingest, transform, load, verify/],
])('%j is wrong usage', async (options, message) => {
  const { code, error } = await totes('logs', '--stack', bench.place, ...options);
  expect([code, error.join()]).toEqual([2, expect.stringMatching(message)]);
});

test('a log group that is not there is named', async () => {
  bench.aws.logs.delete('/aws/lambda/shop-verify');
  const { code, error } = await totes('logs', '--stack', bench.place);
  expect([code, error[0]]).toEqual([
    1,
    expect.stringMatching(/^totes: log group \/aws\/lambda\/shop-verify cannot be read: ResourceNotFoundException: /),
  ]);
  bench.aws.logs.set('/aws/lambda/shop-verify', []);
});

test('a function that the deployment did not ask for is named', async () => {
  const { code, error } = await totes('logs', '--stack', bench.place, '--stage', 'rates');
  expect([code, error]).toEqual([1, ['totes: the stack has no function rates: its deployment asked for none']]);
});
