import { runOf } from './inspection.ts';
import { lineLike, stagesOf } from './operator.ts';

const answer = {
  code: 0,
  out: ['New version 1, 3.3 s.'],
  error: [
    'Run 20260105T090000Z-1a2b3c4d started.',
    'ingest      0.8 s  version 1, 1,735 rows read',
    'load        3 min  WarehouseUnavailable: it does not answer',
    'load        1.3 s  version 1, 2,092 rows loaded',
  ],
};

test('the stages of a run are those whose end was shown, each try by itself', () => {
  expect(stagesOf(answer)).toBe('ingest → load → load');
});

test('a line is looked for in all that a command said', () => {
  expect(lineLike(answer, /^New version/)).toBe('New version 1, 3.3 s.');
  expect(lineLike(answer, /rows loaded$/)).toMatch(/^load/);
  expect(() => lineLike(answer, /^Healthy/)).toThrow('no line is like /^Healthy/:\nNew version 1');
});

test.each(['INFO ', 'ERROR'])('a line of a log at level %s names its run', (level) => {
  const line = `2026-01-05T09:00:00.000Z  ${level}  ingest     20260105T090000Z-1a2b3c4d  ingest finished  version=1`;
  expect(runOf(line)).toBe('20260105T090000Z-1a2b3c4d');
});
