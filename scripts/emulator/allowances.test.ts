import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allowances, expectNoChanges, unexpectedChanges } from './allowances.ts';
import type { Plan, PlannedChange } from './terraform.ts';

const change = (
  address: string,
  actions: string[],
  before: PlannedChange['change']['before'],
  after: PlannedChange['change']['after'],
): Plan => ({ resource_changes: [{ address, change: { actions, before, after } }] });

const alarm = 'aws_cloudwatch_metric_alarm.errors["load"]';

test('a plan without changes is as expected', () => {
  expect(unexpectedChanges({})).toEqual([]);
  expect(unexpectedChanges(change('aws_s3_bucket.this["code"]', ['no-op'], {}, {}))).toEqual([]);
});

test('an alarm may get back what the emulator does not return', () => {
  expect(unexpectedChanges(change(alarm, ['update'], { period: 0 }, { period: 300 }))).toEqual([]);
});

test('a changed output is a change', () => {
  expect(unexpectedChanges({ output_changes: { topic_arn: { actions: ['no-op'] } } })).toEqual([]);
  expect(() => expectNoChanges({ output_changes: { topic_arn: { actions: ['update'] } } })).toThrow(
    'update output topic_arn',
  );
});

test.each([
  ['another attribute of it', change(alarm, ['update'], { threshold: 1 }, { threshold: 2 })],
  ['its creation', change(alarm, ['create'], null, { period: 300 })],
  ['its replacement', change(alarm, ['delete', 'create'], { period: 0 }, { period: 300 })],
  ['a change of anything else', change('aws_iam_role.pipeline[0]', ['update'], { path: '/' }, { path: '/x/' })],
])('%s is not', (_, plan) => {
  expect(unexpectedChanges(plan)).toHaveLength(1);
});

test('docs/deploy.md has the same list', async () => {
  const text = await readFile(join(import.meta.dirname, '../../docs/deploy.md'), 'utf8');
  expect(text).toContain(`\n\n${allowances.map((allowance) => `- ${allowance}\n`).join('')}\n`);
});
