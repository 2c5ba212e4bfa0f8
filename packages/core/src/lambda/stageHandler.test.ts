import { jest } from '@jest/globals';
import { ConfigInvalid, LakeUnavailable } from '../errors.ts';
import { logOf, logOfFailure } from '../../../../scripts/jest/functionLog.ts';
import { stdoutOf } from '../../../../scripts/jest/stdoutOf.ts';
import { count, rowsByTable, type Observation, type Warning } from './observation.ts';
import { stageHandler, type Stage } from './stageHandler.ts';

const before = { ...process.env };
beforeEach(() => {
  process.env = { ...before, AWS_LAMBDA_FUNCTION_NAME: 'totes-load', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024' };
});
afterEach(() => {
  process.env = { ...before };
});

const warnings: Warning[] = [{ message: 'something is odd', fields: { rows: 2 } }];
const seen: Observation = {
  version: 7,
  fields: { rows: { dim_staff: 3 } },
  warnings,
  metrics: [count('RowsWaiting', 0), ...rowsByTable('RowsLoaded', { dim_staff: 3, dim_design: 0 })],
};

const calling = <Result>(work: Stage<Result>['work'], observation = seen) =>
  stageHandler({ name: 'load', work, observe: () => observation });

const good = calling(() => Promise.resolve('done'));
const failing = (error: unknown) => calling(() => Promise.reject(error as Error));

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+/) as string;
const number = expect.any(Number) as number;

describe('a call that does its work', () => {
  test('gives its result, a line for each warning and one for the end', async () => {
    const { result, lines } = await logOf(() => good({ run: 'nightly-1' }, { awsRequestId: 'request-1' }));
    expect(result).toBe('done');
    const inEach = { timestamp: time, service: 'totes-load', run: 'nightly-1', function_request_id: 'request-1' };
    expect(lines).toEqual([
      { ...inEach, level: 'WARN', message: 'something is odd', version: 7, rows: 2 },
      { ...inEach, level: 'INFO', message: 'load finished', version: 7, rows: { dim_staff: 3 }, seconds: number },
    ]);
  });

  test('writes one line of metrics for the function, and one for each table with rows', async () => {
    const { written } = await stdoutOf(() => good({ run: 'nightly-1' }));
    const lines = written.split('\n').filter((line) => line.startsWith('{"_aws"'));
    const declared = (Dimensions: string[], Metrics: object[]) => ({
      _aws: { Timestamp: number, CloudWatchMetrics: [{ Namespace: 'Totes', Dimensions: [Dimensions], Metrics }] },
      service: 'totes-load',
      run: 'nightly-1',
    });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        ...declared(
          ['service'],
          [
            { Name: 'Warnings', Unit: 'Count' },
            { Name: 'Seconds', Unit: 'Seconds' },
            { Name: 'MemoryUsed', Unit: 'Percent' },
            { Name: 'RowsWaiting', Unit: 'Count' },
          ],
        ),
        Warnings: 1,
        Seconds: number,
        MemoryUsed: number,
        RowsWaiting: 0,
      },
      {
        ...declared(['service', 'table'], [{ Name: 'RowsLoaded', Unit: 'Count' }]),
        table: 'dim_staff',
        RowsLoaded: 3,
      },
    ]);
    expect(written.indexOf('{"_aws"')).toBeGreaterThan(written.indexOf('load finished'));
  });

  test('counts no warning where there is none', async () => {
    const { lines, metrics } = await logOf(calling(() => Promise.resolve(), { ...seen, warnings: [] }));
    expect(lines).toHaveLength(1);
    expect(metrics).toMatchObject({ Warnings: 0 });
  });

  test('measures memory against what the function has', async () => {
    const megabytes = process.resourceUsage().maxRSS / 1024;
    const share = async (size: number): Promise<number> => {
      process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE = String(size);
      return (await logOf(good)).metrics.MemoryUsed!;
    };
    expect(await share(Math.ceil(megabytes))).toBeGreaterThan(99);
    expect(await share(Math.ceil(megabytes) * 1000)).toBeLessThan(1);
  });

  test('outside Lambda is named like its stage, and has no memory of its own', async () => {
    delete process.env.AWS_LAMBDA_FUNCTION_NAME;
    delete process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE;
    const { lines, metrics } = await logOf(good);
    expect(lines.map(({ service }) => service)).toEqual(['load', 'load']);
    expect(metrics).not.toHaveProperty('MemoryUsed');
  });
});

describe('a call that fails', () => {
  test.each([
    ['WARN', true, new LakeUnavailable('s3://lake did not answer')],
    ['ERROR', false, new ConfigInvalid('RAW_BUCKET is not set')],
    ['ERROR', false, new TypeError('x is not a function')],
  ])('writes one line, %s where transient is %s, and throws the error on', async (level, transient, thrown) => {
    const { error, lines, metrics } = await logOfFailure(() => failing(thrown)({ run: 'nightly-1' }));
    expect(error).toBe(thrown);
    const { name, message } = thrown;
    expect(lines).toEqual([
      {
        level,
        message: 'load failed',
        timestamp: time,
        service: 'totes-load',
        run: 'nightly-1',
        error: { name, message },
        transient,
        seconds: number,
      },
    ]);
    expect(metrics).toEqual({ Warnings: 0, MemoryUsed: number });
  });

  test('may throw anything', async () => {
    const { error, lines } = await logOfFailure(failing('no error'));
    expect(error).toBe('no error');
    expect(lines).toMatchObject([{ level: 'ERROR', error: { name: 'string', message: 'no error' } }]);
  });

  test('shows nothing of an error but its name and message', async () => {
    const error = Object.assign(new Error('refused', { cause: new Error('cause') }), { detail: 'Key (email)=(a@b)' });
    const { lines } = await logOfFailure(failing(error));
    expect(lines[0]!.error).toEqual({ name: 'Error', message: 'refused' });
  });
});

describe('the run', () => {
  test.each([
    ['the execution that the event names', { run: 'nightly-1' }, 'nightly-1'],
    ['an execution with a name that no key may have', { run: 'näher.dran' }, 'näher.dran'],
    ['the request, where a schedule calls', {}, 'request-1'],
    ['the request, where a bucket calls', { Records: [{ s3: {} }] }, 'request-1'],
    ['the request, where nothing is said', undefined, 'request-1'],
    ['the request, where the event is null', null, 'request-1'],
    ['the request, where a person says something else', { run: 7 }, 'request-1'],
    ['the request, where the name is empty', { run: '' }, 'request-1'],
    ['the request, where the name is none', { run: 'x'.repeat(81) }, 'request-1'],
  ])('is %s', async (_, event, run) => {
    const { lines } = await logOf(() => good(event, { awsRequestId: 'request-1' }));
    expect(lines.map((line) => line.run)).toEqual([run, run]);
  });

  test('is made where there is neither', async () => {
    const { lines } = await logOf(() => good());
    expect(lines[0]!.run).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{8}$/);
    expect(lines[1]!.run).toBe(lines[0]!.run);
  });

  test('begins the ids of its attempts, which every line has from then on', async () => {
    const ids: string[] = [];
    const handler = calling((_, makeRunId) => {
      ids.push(makeRunId());
      return ids.length === 1 ? Promise.reject(new LakeUnavailable('away')) : Promise.resolve();
    });
    const first = await logOfFailure(() => handler({ run: 'nightly-1' }));
    const second = await logOf(() => handler({ run: 'nightly-1' }));
    for (const id of ids) expect(id).toMatch(/^nightly-1[.][0-9a-f]{8}$/);
    expect(ids).toHaveLength(2);
    expect(first.lines.map((line) => line.run_id)).toEqual([ids[0]]);
    expect(second.lines.map((line) => line.run_id)).toEqual([ids[1], ids[1]]);
  });
});

describe('the part of a large version', () => {
  const folder = 'slices/nightly-1.0123abcd';
  test.each([
    ['the slice', { task: 'slice', folder, number: 3 }, { task: 'slice', slice: 3 }],
    ['what is done of all', { task: 'commit', folder }, { task: 'commit' }],
    ['nothing, where the event says something else', { task: 7, number: 'three' }, {}],
    ['nothing, where it says nothing', null, {}],
  ])('is %s, on each line and where the call fails', async (_, slices, expected) => {
    const event = { run: 'nightly-1', slices };
    const { lines } = await logOf(() => good(event));
    const failed = await logOfFailure(() => failing(new LakeUnavailable('away'))(event));
    for (const { task, slice } of [...lines, ...failed.lines]) expect({ task, slice }).toEqual(expected);
  });
});

test.each([
  ['POWERTOOLS_LOG_LEVEL', 'WARN', ['something is odd']],
  ['AWS_LAMBDA_LOG_LEVEL', 'ERROR', []],
])('%s=%s leaves lines out, and no metric', async (variable, level, messages) => {
  process.env[variable] = level;
  const { lines, metrics } = await logOf(good);
  expect(lines.map(({ message }) => message)).toEqual(messages);
  expect(metrics).toMatchObject({ Warnings: 1 });
});

test('nothing is written to stderr, which Lambda reads apart', async () => {
  const stderr = jest.spyOn(process.stderr, 'write');
  await logOf(good);
  await logOfFailure(failing(new TypeError('x')));
  expect(stderr).not.toHaveBeenCalled();
  stderr.mockRestore();
});
