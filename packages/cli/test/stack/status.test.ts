import type { ProblemKind, Status } from '../../src/status/status.ts';
import { totes } from '../pipelineTest.ts';
import { AwsError } from './fakeAws.ts';
import { openStackBench, output, type StackBench } from './stackBench.ts';

/** What `totes status --stack` says of each state that a deployed pipeline can be in. */
let bench: StackBench;
beforeEach(async () => {
  bench = await openStackBench();
});
afterEach(() => bench.close());

const status = async (place = bench.place): Promise<{ code: number; text: string[]; found: Status }> => {
  const { code, out } = await totes('status', '--stack', place, '--check');
  const json = await totes('status', '--stack', place, '--json');
  expect(json.code).toBe(out.join('\n').includes(' cannot be ') ? 1 : 0);
  return { code, text: out, found: JSON.parse(json.out.at(-1)!) as Status };
};
const kinds = ({ problems }: Status): ProblemKind[] => problems.map(({ kind }) => kind);

const minute = 60_000;
const ago = (minutes: number): number => Date.now() - minutes * minute;
const succeeded = (name: string, minutes: number, version = 1): void => {
  bench.aws.executions.push({
    ...{ name, status: 'SUCCEEDED', startedAt: ago(minutes + 1), endedAt: ago(minutes) },
    output: output(version),
  });
};
const failed = (name: string, minutes: number, cause: string, error = 'LakeCorrupt', ending = 'FAILED'): void => {
  bench.aws.executions.push({ name, status: ending, startedAt: ago(minutes + 1), endedAt: ago(minutes), error, cause });
};
/** As the state "Failed" of pipeline.asl.json writes it. */
const cause = 'transform failed: {"errorType":"LakeCorrupt","errorMessage":"s3://x/y is\\nnot JSON","trace":["at z"]}';

test('healthy: level, by the last run, without a connection to the warehouse', async () => {
  await bench.commit({});
  succeeded('good', 2);
  const { code, text, found } = await status();
  expect(code).toBe(0);
  expect(found).toMatchObject({
    healthy: true,
    problems: [],
    raw: { version: 1, runId: 'run-1.00ff' },
    warehouse: { schema: 'star', version: 1, otherLake: false },
    lag: { versions: 0, next: null },
    runs: { running: null, failures: 0, lastSuccess: { run: 'good' } },
    alarms: [],
  });
  expect(text[0]).toBe('Healthy: both logs and the warehouse are level at version 1.');
  expect(text.join('\n')).toMatch(/warehouse schema star +1 {2}asked at 20.*Z\n/);
  expect(text.join('\n')).toMatch(/Last success: run good, which ended at 20.*Z\.\nNo row/);
});

test('an old report: the last run could not write it, though all rows are loaded', async () => {
  await bench.commit({});
  succeeded('good', 2);
  const Cause = '{"errorType":"WarehouseMismatch","errorMessage":"cost is NaN","trace":[]}';
  const [execution] = bench.aws.executions;
  Object.assign(execution!, { output: { ...output(1), report: { Error: 'WarehouseMismatch', Cause } } });
  const { code, text, found } = await status();
  expect([code, kinds(found), found.warehouse?.version]).toEqual([1, ['report'], 1]);
  expect(text[0]).toBe(
    'Not healthy: the business report is old: the last run could not write it: WarehouseMismatch: cost is NaN',
  );
  expect(text.at(-1)).toBe(`Next: totes logs --stack ${bench.place} --stage report --since 1h --level warn`);
});

test('a run under way is no trouble, though a version waits to be loaded', async () => {
  const readAt = new Date().toISOString();
  await bench.commit({});
  await bench.commit({ raw: { source: { readAt } as never }, processed: null });
  bench.aws.executions.push({ name: 'now', status: 'RUNNING', startedAt: ago(0) });
  succeeded('good', 5);
  const { code, text } = await status();
  expect([code, text[0]]).toEqual([0, 'Healthy: what is under way is not late yet.']);
  expect(text.join('\n')).toMatch(/Behind by 1 version, .*: transform is next\.\n/);
  expect(text.join('\n')).toMatch(/Under way: run now, since 20.*Z\./);
});

test('stuck: the error, its cause, how often, and the log to read', async () => {
  await bench.commit({});
  failed('third', 2, cause);
  failed('second', 7, cause);
  failed('first', 12, cause);
  succeeded('good', 40);
  const { code, text, found } = await status();
  expect(code).toBe(1);
  expect(found.runs).toMatchObject({
    failures: 3,
    lastFailure: { run: 'third', stage: 'transform', error: 'LakeCorrupt' },
  });
  expect(text[0]).toMatch(
    /^Not healthy: the last 3 runs failed, since 20.*Z: transform: LakeCorrupt: s3:\/\/x\/y is not JSON$/,
  );
  expect(text.join('\n')).toMatch(/Failures since: 3, the newest run third at 20.*Z\./);
  expect(text.at(-1)).toBe(`Next: totes logs --stack ${bench.place} --stage transform --since 1h --level warn`);
});

test('stuck: a run that reached its time limit, and one whose cause Step Functions cut off', async () => {
  await bench.commit({});
  bench.aws.executions.push({ name: 'slow', status: 'TIMED_OUT', startedAt: ago(130), endedAt: ago(10) });
  succeeded('good', 140);
  expect((await status()).text[0]).toMatch(/the last run failed, .*Z: TIMED_OUT: the run reached its time limit$/);
  bench.aws.executions.length = 0;
  failed('cut', 3, 'load failed: {"errorType":"WarehouseRefused","errorMessage":"no', 'WarehouseRefused');
  expect((await status()).text[0]).toMatch(
    /: load: WarehouseRefused: \{"errorType":"WarehouseRefused","errorMessage":"no$/,
  );
});

test('late: no success for more than 30 minutes, and nothing failed', async () => {
  await bench.commit({});
  succeeded('good', 52);
  const { code, text, found } = await status();
  expect([code, kinds(found)]).toEqual([1, ['late']]);
  expect(text[0]).toMatch(
    /^Not healthy: no run has succeeded for 52 min, since 20.*Z; and none failed since: was the schedule paused\?$/,
  );
  expect(text.at(-1)).toBe(`Next: totes run --stack ${bench.place} --watch`);
});

test('a stack that never ran', async () => {
  const { code, found } = await status();
  expect([code, kinds(found)]).toEqual([1, ['late', 'empty']]);
});

test('behind: a version that has waited for longer than promised, though runs succeed', async () => {
  await bench.commit({});
  await bench.commit({});
  succeeded('good', 2, 1);
  const { text, found } = await status();
  expect(kinds(found)).toEqual(['behind']);
  expect(text[0]).toMatch(
    /^Not healthy: load is behind by 1 version: the source was read at 2026-01-05T09:00:00.000Z, /,
  );
});

test('quarantined and drifted, each with its command', async () => {
  const column = { name: 'note', type: 'text', nullable: true, number: 9 };
  const table = { relations: [1], columns: [], objects: [], capture: 'delta', format: 'csv' } as const;
  await bench.commit({ raw: { tables: { design: table } } });
  await bench.commit({
    raw: { tables: { design: { ...table, columns: [column] } } },
    processed: { quarantine: { objects: [], rows: 2, total: 4, waiting: 3 } },
  });
  succeeded('good', 2, 2);
  const { text, found } = await status();
  expect(kinds(found)).toEqual(['drifted', 'quarantined']);
  expect(text[0]).toMatch(
    /^Not healthy: the source's schema changed with version 2: column design\.note is new \(text\)\. .*next version ends this$/,
  );
  expect(text.at(-1)).toBe(`Next: totes verify --stack ${bench.place}`);
  expect(text.at(-2)).toBe(
    `Also: 3 rows are set aside: the warehouse lacks them → totes quarantine list --stack ${bench.place}`,
  );
});

test('alarms that are firing, those of this stack alone', async () => {
  await bench.commit({});
  succeeded('good', 2);
  const alarm = (AlarmName: string, StateValue = 'ALARM'): Record<string, unknown> => {
    return { AlarmName, StateValue, AlarmDescription: 'Rows differ.', StateTransitionedTimestamp: 1767603600 };
  };
  bench.aws.alarms = [
    ...[alarm('shop-rows-differing'), alarm('shop-stale', 'OK'), alarm('shop-load-slow')],
    ...[alarm('shop-schema-changed'), alarm('other-stale'), alarm('shop-replay-errors'), alarm('shop-rates-errors')],
    // Of another stack, which is called shop-blue.
    ...[alarm('shop-blue-stale'), alarm('shop-blue-load-slow')],
  ];
  const { code, text, found } = await status();
  expect(code).toBe(1);
  expect(found.problems.map(({ next }) => next.replace(bench.place, 'place'))).toEqual([
    'totes logs --stack place --stage load --since 1h --level warn',
    'totes logs --stack place --stage rates --since 1h --level warn',
    'totes logs --stack place --stage replay --since 1h --level warn',
    'totes verify --stack place --heal',
    'totes logs --stack place --since 1h --level warn',
  ]);
  expect(text[0]).toBe('Not healthy: alarm shop-load-slow is firing since 2026-01-05T09:00:00.000Z: Rows differ.');
});

test.each([
  ['ListExecutions', /Step Functions cannot be read: .*AccessDeniedException/, { runs: null, raw: { version: 1 } }],
  [
    'DescribeAlarms',
    /CloudWatch alarms cannot be read: .*AccessDeniedException/,
    { alarms: null, warehouse: { version: 1 } },
  ],
])('unreachable: %s is refused, and the rest is shown', async (refused, message, rest) => {
  await bench.commit({});
  succeeded('good', 2);
  bench.aws.before = (operation) => {
    if (operation === refused) throw new AwsError('AccessDeniedException', 'no right');
  };
  const { code, text, found } = await status();
  expect([code, kinds(found)]).toEqual([1, ['unreachable']]);
  expect(found).toMatchObject(rest);
  expect(text[0]).toMatch(message);
  expect(text.at(-1)).toBe(`Next, when that is mended: totes status --stack ${bench.place}`);
});

test.each([
  ['ExpiredTokenException', /ExpiredTokenException: no: sign in to AWS again$/],
  ['StateMachineDoesNotExist', /StateMachineDoesNotExist: no; are these the outputs of the stack as it is now\?$/],
])('unreachable: %s comes with what to do', async (error, message) => {
  await bench.commit({});
  bench.aws.before = (operation) => {
    if (operation === 'ListExecutions') throw new AwsError(error, 'no');
  };
  expect((await status()).text[0]).toMatch(message);
});

test('unreachable: the lake, and the rest is shown', async () => {
  await bench.commit({});
  succeeded('good', 2);
  bench.s3.fault = () => ({ status: 403, code: 'AccessDenied' });
  const { text, found } = await status();
  expect(kinds(found)).toEqual(['unreachable', 'unreachable']);
  expect(found).toMatchObject({ raw: null, processed: null, lag: null, warehouse: { version: 1 }, alarms: [] });
  expect(text[0]).toMatch(/^Not healthy: the raw log cannot be read: .*AccessDenied/);
  expect(text.join('\n')).toMatch(/raw log +\? +unknown/);
});

describe('stages that the lake starts', () => {
  const log = (stage: string, minutes: number, fields: object): void => {
    bench.aws.logs.get(`/aws/lambda/shop-${stage}`)!.push({ at: ago(minutes), text: `${JSON.stringify(fields)}\n` });
  };
  const finished = (stage: string, minutes: number, version: number): void => {
    log(stage, minutes, { level: 'INFO', message: `${stage} finished`, run: 'r', version });
  };
  const place = (): Promise<string> => bench.outputs({ state_machine_arn: null });

  test('are healthy by their logs, which tell the version of the warehouse too', async () => {
    await bench.commit({});
    log('load', 9, { level: 'WARN', message: 'load failed', error: { name: 'CommitConflict', message: 'again' } });
    for (const stage of ['ingest', 'transform', 'load', 'report']) finished(stage, 3, 1);
    const { code, text, found } = await status(await place());
    expect(code).toBe(0);
    expect(found).toMatchObject({ warehouse: { version: 1 }, stages: { load: { failures: 0 } } });
    expect(found).not.toHaveProperty('runs');
    expect(text.join('\n')).toMatch(/stage +finished last +failures since\ningest +20.*Z +0\n/);
  });

  test('are stuck, each by itself, or silent', async () => {
    await bench.commit({});
    finished('ingest', 3, 1);
    finished('transform', 50, 1);
    for (const minutes of [8, 4]) {
      const error = { name: 'LakeCorrupt', message: 'it is not JSON' };
      log('transform', minutes, { level: 'ERROR', message: 'transform failed', run: 'r', error });
    }
    const { text, found } = await status(await place());
    expect(kinds(found)).toEqual(['stuck', 'late', 'late']);
    expect(text[0]).toMatch(
      /^Not healthy: the last 2 calls of transform failed, at last 20.*Z: LakeCorrupt: it is not JSON$/,
    );
    expect(found.problems[1]!.message).toMatch(/^load has not finished for an hour/);
    expect(found).not.toHaveProperty('warehouse');
  });
});
