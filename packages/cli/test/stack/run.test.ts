import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WarehouseMismatch } from '@totes/core';
import type { VerifyResult } from '@totes/verify';
import { totes } from '../pipelineTest.ts';
import type { FakeExecution } from './fakeAws.ts';
import { openStackBench, output, type StackBench } from './stackBench.ts';

/** Runs, comparisons and replays of a deployed pipeline. */
let bench: StackBench;
beforeEach(async () => {
  bench = await openStackBench();
  await bench.commit({});
});
afterEach(() => bench.close());

const began = 1767603600;
let eventId = 0;
const event = (second: number, type: string, details: object = {}): Record<string, unknown> => ({
  ...{ id: ++eventId, previousEventId: eventId - 1, timestamp: began + second, type },
  ...details,
});
const entered = (second: number, name: string): Record<string, unknown> =>
  event(second, 'TaskStateEntered', { stateEnteredEventDetails: { name } });
/** A task that Lambda answered. */
const done = (from: number, to: number, name: string, payload: object): Record<string, unknown>[] => {
  const result = JSON.stringify({ ExecutedVersion: '$LATEST', Payload: payload, StatusCode: 200 });
  return [
    entered(from, name),
    event(to, 'TaskSucceeded', {
      taskSucceededEventDetails: { resourceType: 'lambda', resource: 'invoke', output: result },
    }),
    event(to, 'TaskStateExited', { stateExitedEventDetails: { name, output: result } }),
  ];
};
const taskFailed = (second: number, error: string, message: string): Record<string, unknown> =>
  event(second, 'TaskFailed', {
    taskFailedEventDetails: {
      ...{ resourceType: 'lambda', resource: 'invoke', error },
      cause: JSON.stringify({ errorType: error, errorMessage: message }),
    },
  });

type Answer = Readonly<Record<'ingest' | 'transform' | 'load' | 'report', object>>;

/** What the service keeps of a run that goes well, after one attempt of load that does not. */
function goesWell(execution: FakeExecution, answer = output(2) as Answer): void {
  bench.aws.history.set(execution.name, [
    event(0, 'ExecutionStarted'),
    ...done(0, 2, 'Ingest', answer.ingest),
    event(2, 'ChoiceStateEntered', { stateEnteredEventDetails: { name: 'Something new' } }),
    event(2, 'ChoiceStateExited', { stateExitedEventDetails: { name: 'Something new' } }),
    ...done(2, 5, 'Transform', answer.transform),
    entered(5, 'Load'),
    taskFailed(6, 'WarehouseUnavailable', 'it is waking up'),
    ...done(6, 16, 'Load', answer.load).slice(1),
    ...done(16, 17, 'Report', answer.report),
    event(17, 'SucceedStateEntered', { stateEnteredEventDetails: { name: 'Done' } }),
  ]);
  Object.assign(execution, {
    status: 'SUCCEEDED',
    startedAt: began * 1000,
    endedAt: (began + 17) * 1000,
    output: answer,
  });
}

test('a run is started under a run id, and its log named', async () => {
  const { code, out } = await totes('run', '--stack', bench.place);
  const [{ name }] = bench.aws.executions as [FakeExecution];
  expect(name).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{8}$/);
  expect([code, out]).toEqual([
    0,
    [`Run ${name} started.`, `Follow it: totes logs --stack ${bench.place} --run ${name} --follow`],
  ]);
  expect(bench.aws.requests.at(-1)).toContain('"input":"{}"');
  const json = await totes('run', '--stack', bench.place, '--json');
  expect(JSON.parse(json.out.at(-1)!)).toMatchObject({ execution: bench.aws.arnOf(bench.aws.executions[0]!.name) });
});

test('a run is followed stage by stage, and ends as one on this machine does', async () => {
  bench.aws.onStart = (execution) => {
    goesWell(execution);
  };
  const { code, out, error } = await totes('run', '--stack', bench.place, '--watch');
  expect([code, error]).toEqual([
    0,
    [
      `Run ${bench.aws.executions[0]!.name} started.`,
      'ingest      2.0 s  version 2, 3 rows read',
      'transform   3.0 s  version 2, 3 rows written, 0 set aside',
      'load        1.0 s  WarehouseUnavailable: it is waking up',
      'load         11 s  version 2, 3 rows loaded',
      'report      1.0 s  page of version 2 written',
    ],
  ]);
  expect(out.slice(0, 4)).toEqual([
    'New version 2, 17 s.',
    '',
    'read from the source  rows',
    'sales_order              3',
  ]);
  const json = await totes('run', '--stack', bench.place, '--watch', '--json');
  expect(JSON.parse(json.out.at(-1)!)).toEqual({
    run: bench.aws.executions[0]!.name,
    ...{ version: 2, committed: true, read: { sales_order: 3 }, deleted: {}, loaded: { fact_sales_order: 3 } },
    ...{ quarantined: 0, waiting: 0, warnings: 0, notices: [], seconds: 17 },
    quarantine: `s3://${bench.s3.bucket}/processed/quarantine/`,
  });
});

/** What the service keeps of a run that reads slices. */
function readsSlices(name: string, output?: object): void {
  const state = { name: 'Read slices', ...(output && { output: JSON.stringify(output) }) };
  bench.aws.history.set(name, [
    ...done(0, 1, 'Ingest', { version: 1, committed: false, slices: 40, folder: 'slices/run' }),
    event(1, 'ParallelStateEntered', { stateEnteredEventDetails: { name: 'Read slices' } }),
    entered(1, 'Hold snapshot'),
    ...done(1, 2, 'Await plan', { version: 1, slices: 40, items: 'slices/run/slices.json' }),
    event(2, 'MapStateEntered', { stateEnteredEventDetails: { name: 'Slices' } }),
    ...(output === undefined
      ? []
      : [
          taskFailed(8, 'LakeUnavailable', 'it was busy'),
          event(9, 'ParallelStateExited', { stateExitedEventDetails: state }),
        ]),
  ]);
}

test('a run that reads slices says how many, and what came of them', async () => {
  let asked = 0;
  bench.aws.onStart = ({ name }) => {
    bench.aws.slices.set(`${name}/slices`, { succeeded: 0, total: 40 });
    readsSlices(name);
  };
  bench.aws.before = (operation) => {
    const [execution] = bench.aws.executions;
    if (operation !== 'DescribeExecution' || execution === undefined) return;
    asked++;
    if (asked === 2) bench.aws.slices.set(`${execution.name}/slices`, { succeeded: 12, total: 40 });
    if (asked === 3) {
      readsSlices(execution.name, { Payload: (output(2) as Answer).ingest, failure: null });
      Object.assign(execution, { status: 'SUCCEEDED', endedAt: execution.startedAt, output: output(2) });
    }
  };
  const { code, error } = await totes('run', '--stack', bench.place, '--watch');
  const said = error.slice(1).map((text) => text.replace(/ {2,}/g, ' '));
  // How long it has read so far is by this machine's clock.
  expect([code, said.map((text) => text.replace(/ \S+ \w+ (\d+ of)/, ' $1'))]).toEqual([
    0,
    [
      'ingest 1.0 s 40 slices to read',
      'ingest 0 of 40 slices read',
      'ingest 12 of 40 slices read',
      'ingest 7.0 s LakeUnavailable: it was busy',
      'ingest 8.0 s version 2, 3 rows read',
    ],
  ]);
});

test('slices that are given up are told with their error', async () => {
  bench.aws.onStart = (execution) => {
    const Cause = JSON.stringify({ errorType: 'SourceRefused', errorMessage: 'permission denied' });
    readsSlices(execution.name, { Payload: null, failure: { Error: 'SourceRefused', Cause } });
    Object.assign(execution, {
      ...{ status: 'FAILED', endedAt: execution.startedAt, error: 'SourceRefused' },
      cause: `ingest failed: ${Cause}`,
    });
  };
  const { code, error } = await totes('run', '--stack', bench.place, '--watch');
  expect([code, error.at(-2)]).toEqual([
    1,
    'ingest      8.0 s  SourceRefused: permission denied; nothing is committed',
  ]);
});

/** What the service keeps of a run that transforms slices; a Map Run that fails leaves them to the commit. */
function transformsSlices(name: string, ended: 'no' | 'well' | 'badly'): void {
  const { transform } = output(2) as Answer;
  const state = { name: 'Transform slices' };
  const error = 'States.ExceedToleratedFailureThreshold';
  const mapRunFailedEventDetails = { error, cause: 'The specified tolerated failure threshold was exceeded' };
  bench.aws.history.set(name, [
    ...done(0, 1, 'Transform', { version: 1, slices: 12, folder: 'slices/run', items: 'slices/run/slices.json' }),
    event(1, 'MapStateEntered', { stateEnteredEventDetails: state }),
    ...(ended === 'badly' ? [event(3, 'MapRunFailed', { mapRunFailedEventDetails })] : []),
    ...(ended === 'no'
      ? []
      : [
          event(4, 'MapStateExited', { stateExitedEventDetails: state }),
          ...done(4, 6, 'Commit transformed', transform),
        ]),
  ]);
}

test('a run that transforms slices says how many, beside those that it has read', async () => {
  bench.aws.onStart = ({ name }) => {
    bench.aws.slices.set(`${name}/slices`, { succeeded: 40, total: 40 });
    transformsSlices(name, 'no');
  };
  let asked = 0;
  bench.aws.before = (operation) => {
    const [execution] = bench.aws.executions;
    if (operation !== 'DescribeExecution' || execution === undefined) return;
    asked++;
    if (asked === 2) bench.aws.slices.set(`${execution.name}/transform`, { succeeded: 5, total: 12 });
    if (asked === 3) {
      transformsSlices(execution.name, 'well');
      Object.assign(execution, { status: 'SUCCEEDED', endedAt: execution.startedAt, output: output(2) });
    }
  };
  const { code, error } = await totes('run', '--stack', bench.place, '--watch');
  const said = error.slice(1).map((text) => text.replace(/ {2,}/g, ' '));
  expect([code, said.map((text) => text.replace(/ \S+ \w+ (\d+ of)/, ' $1'))]).toEqual([
    0,
    [
      'transform 1.0 s 12 slices to transform',
      'transform 5 of 12 slices transformed',
      'transform 2.0 s version 2, 3 rows written, 0 set aside',
    ],
  ]);
});

test('slices that could not be transformed are told of, before the commit does them', async () => {
  bench.aws.onStart = (execution) => {
    transformsSlices(execution.name, 'badly');
    Object.assign(execution, { status: 'SUCCEEDED', endedAt: execution.startedAt, output: output(2) });
  };
  const { code, error } = await totes('run', '--stack', bench.place, '--watch');
  expect([code, error.slice(-2)]).toEqual([
    0,
    [
      'transform   2.0 s  States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded',
      'transform   2.0 s  version 2, 3 rows written, 0 set aside',
    ],
  ]);
});

test('a run that finds nothing new: what waits in quarantine is asked of the lake', async () => {
  await bench.commit({ processed: { quarantine: { objects: [], rows: 1, total: 1, waiting: 1 } } });
  bench.aws.onStart = (execution) => {
    goesWell(execution, output(2, { ingest: { committed: false } }) as Answer);
    Object.assign(execution, { output: { ...execution.output, transform: null } });
  };
  const { out } = await totes('run', '--stack', bench.place, '--watch', '--json');
  expect(JSON.parse(out.at(-1)!)).toMatchObject({ committed: false, quarantined: 0, waiting: 1 });
});

test('a run that could not write the report succeeds, and says so', async () => {
  bench.aws.onStart = (execution) => {
    goesWell(execution);
    bench.aws.history.set(execution.name, [
      ...[entered(0, 'Report'), taskFailed(1, 'LakeRefused', 'the page cannot be written')],
      event(1, 'TaskStateExited', { stateExitedEventDetails: { name: 'Report', output: '{}' } }),
      ...done(1, 2, 'Alert of report', {}),
    ]);
  };
  const { code, error } = await totes('run', '--stack', bench.place, '--watch');
  expect([code, error.slice(1)]).toEqual([
    0,
    ['report      1.0 s  LakeRefused: the page cannot be written', 'alert       1.0 s  sent'],
  ]);
});

test('a run that fails ends with its error and cause', async () => {
  bench.aws.onStart = (execution) => {
    bench.aws.history.set(execution.name, [
      ...[entered(0, 'Ingest'), taskFailed(1, 'SourceRefused', 'password authentication failed')],
      event(1, 'TaskStateExited', { stateExitedEventDetails: { name: 'Ingest', output: '{}' } }),
      ...done(1, 2, 'Alert', {}),
    ]);
    const cause = 'ingest failed: {"errorType":"SourceRefused","errorMessage":"password authentication failed"}';
    Object.assign(execution, { status: 'FAILED', endedAt: execution.startedAt, error: 'SourceRefused', cause });
  };
  const { code, out, error } = await totes('run', '--stack', bench.place, '--watch', '--json');
  const message = `run ${bench.aws.executions[0]!.name} failed in ingest with SourceRefused: password authentication failed`;
  expect([code, JSON.parse(out.at(-1)!)]).toEqual([1, { error: { name: 'SourceRefused', message } }]);
  expect(error.slice(1)).toEqual([
    'ingest      1.0 s  SourceRefused: password authentication failed',
    'alert       1.0 s  sent',
    `totes: ${message}`,
  ]);
});

test('Ctrl-C stops watching, not the run, and says so', async () => {
  const watched = new Promise<void>((resolve) => {
    bench.aws.onStart = (execution) => {
      bench.aws.history.set(execution.name, done(0, 2, 'Ingest', (output(2) as Answer).ingest));
      bench.aws.before = (operation) => {
        if (operation === 'GetExecutionHistory') resolve();
      };
    };
  });
  const program = join(import.meta.dirname, '../../src/main.ts');
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, 'run', '--stack', bench.place, '--watch'],
    { env: process.env },
  );
  const text: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => text.push(chunk));
  const exit = once(child, 'exit') as Promise<[number | null]>;
  await watched;
  child.kill('SIGINT');
  const [code] = await exit;
  const [{ name, status }] = bench.aws.executions as [FakeExecution];
  expect([code, status]).toEqual([1, 'RUNNING']);
  expect(Buffer.concat(text).toString()).toBe(
    `Stopped watching; run ${name} goes on.\nFollow it: totes logs --stack ${bench.place} --run ${name} --follow\n`,
  );
});

test('a stack without a state machine: --watch calls its stages, one after another', async () => {
  const place = await bench.outputs({ state_machine_arn: null });
  expect((await totes('run', '--stack', place)).error[0]).toMatch(
    /has no state machine: .*`totes run --stack .* --watch`/,
  );
  const payloads: unknown[] = [];
  for (const [stage, answer] of Object.entries(output(2))) {
    bench.aws.functions.set(`shop-${stage}`, (payload) => {
      payloads.push(payload);
      return answer as unknown;
    });
  }
  const { code, error, out } = await totes('run', '--stack', place, '--watch', '--json');
  const { run, version } = JSON.parse(out.at(-1)!) as { run: string; version: number };
  expect([code, version, payloads]).toEqual([0, 2, [{ run }, { run }, { run }, { run }]]);
  expect(error.map((line) => line.split(' ')[0])).toEqual(['Run', 'ingest', 'transform', 'load', 'report']);

  bench.aws.functions.set('shop-report', () => {
    throw Object.assign(new Error('the page cannot be written'), { name: 'LakeRefused' });
  });
  const late = await totes('run', '--stack', place, '--watch');
  expect([late.code, late.error.at(-1)]).toEqual([
    0,
    expect.stringMatching(/^report .* failed with LakeRefused: the page cannot be written$/),
  ]);
});

const equal: VerifyResult = {
  ...{ equal: true, version: 2, compared: 10, tables: {}, gone: {}, keys: {}, truncated: false, seconds: 1 },
  settled: { missing: 0, extra: 0, altered: 0, stale: 0 },
};
const differs: VerifyResult = {
  ...equal,
  ...{ equal: false, keys: { payment: [2] }, settled: { ...equal.settled, missing: 1 } },
  tables: {
    fact_payment: {
      ...{ rows: 10, missing: 1, extra: 0, altered: 0, stale: 0, setAside: 0, unjudged: 0, pending: 0 },
      sample: [{ key: 2, kind: 'missing', pending: false, columns: [] }],
    },
  },
};

test('verify prints what the function found, and its exit code says so', async () => {
  bench.aws.functions.set('shop-verify', () => differs);
  const { code, out } = await totes('verify', '--stack', bench.place);
  expect([code, out[0], out.at(-1)]).toEqual([
    1,
    'Differs: warehouse version 2, 10 rows of the source, 1.0 s.',
    'fact_payment 2: missing',
  ]);
  bench.aws.functions.set('shop-verify', () => equal);
  expect(await totes('verify', '--stack', bench.place)).toMatchObject({
    code: 0,
    out: [expect.stringMatching(/^Equal/)],
  });
});

test('verify --heal starts a run, which serves what the function asked for, and compares again', async () => {
  const answers = [differs, equal];
  bench.aws.functions.set('shop-verify', () => answers.shift());
  bench.aws.onStart = (execution) => {
    goesWell(execution, output(3) as Answer);
  };
  const { code, out } = await totes('verify', '--stack', bench.place, '--heal', '--json');
  expect([code, JSON.parse(out.at(-1)!)]).toMatchObject([0, { equal: true, found: { equal: false }, versions: [3] }]);
  expect(bench.aws.executions).toHaveLength(1);
});

test('a function that fails ends the command with its own error', async () => {
  bench.aws.functions.set('shop-verify', () => {
    throw Object.assign(new Error('the source lacks a column'), { name: 'SourceSchemaDrift' });
  });
  const { code, out } = await totes('verify', '--stack', bench.place, '--json');
  expect([code, JSON.parse(out.at(-1)!)]).toEqual([
    1,
    {
      error: { name: 'SourceSchemaDrift', message: 'verify failed with SourceSchemaDrift: the source lacks a column' },
    },
  ]);
});

test('a replay is done by the function, which is told what was asked for', async () => {
  const events: unknown[] = [];
  bench.aws.functions.set('shop-replay', (event) => {
    events.push(event);
    return { version: 12, versions: [11, 12], loaded: { fact_payment: 40 }, deleted: {}, warnings: 0 };
  });
  expect((await totes('replay', '--stack', bench.place, '--from-raw')).out).toEqual([
    'Warehouse rebuilt from 2 versions, now at version 12.',
    '              loaded',
    'fact_payment      40',
  ]);
  const place = `${bench.place} of the shop`;
  await copyFile(bench.place, place);
  const { out, error } = await totes('replay', '--stack', place, '--replace-other-lake', '--json');
  expect(JSON.parse(out.at(-1)!)).toMatchObject({ version: 12, loaded: { fact_payment: 40 } });
  const run = expect.stringMatching(/^\d{8}T\d{6}Z-[0-9a-f]{8}$/) as string;
  expect(events).toEqual([
    { run, fromRaw: true, replaceOtherLake: false },
    { run, fromRaw: false, replaceOtherLake: true },
  ]);
  expect(error).toEqual([
    expect.stringMatching(/its log: totes logs --stack '.* of the shop' --stage replay --follow$/),
  ]);
});

test('a replay that fails there says why; one that takes too long for a function, where it can run', async () => {
  let failure: Error = new WarehouseMismatch('the warehouse holds another lake');
  bench.aws.functions.set('shop-replay', () => {
    throw failure;
  });
  const replay = async (): Promise<unknown> =>
    JSON.parse((await totes('replay', '--stack', bench.place, '--json')).out.at(-1)!);
  expect(await replay()).toMatchObject({
    error: {
      name: 'WarehouseMismatch',
      message: expect.stringContaining('the warehouse holds another lake') as string,
    },
  });
  failure = new Error('2026-01-05T09:15:00.000Z 1b2c Task timed out after 900.00 seconds');
  expect(await replay()).toMatchObject({
    error: {
      message: expect.stringMatching(/timed out after 900.*nothing has changed.*totes replay --lake/) as string,
    },
  });
});
