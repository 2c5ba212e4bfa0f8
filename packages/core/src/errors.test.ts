import { readFileSync } from 'node:fs';
import * as errors from './errors.ts';

type Kind = new (message: string, options?: ErrorOptions) => errors.TotesError;

const kinds = Object.entries(errors).filter(([name]) => /^[A-Z]/.test(name) && name !== 'TotesError') as [
  string,
  Kind,
][];

test.each(kinds)('%s carries its name as a literal, whatever a bundler calls the class', (name, Kind) => {
  const cause = new Error('below');
  const error = new Kind('what and where', { cause });
  expect(error).toBeInstanceOf(errors.TotesError);
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.message, error.cause]).toEqual([name, 'what and where', cause]);
  expect(String(error)).toBe(`${name}: what and where`);
});

test('what may pass is transient, and nothing else', () => {
  const transient = kinds.filter(([, Kind]) => new Kind('').transient).map(([name]) => name);
  expect(transient.sort()).toEqual([
    'CommitConflict',
    'LakeUnavailable',
    'RatesUnavailable',
    'SecretUnavailable',
    'SnapshotLost',
    'SourceUnavailable',
    'WarehouseUnavailable',
  ]);
});

test('the text of an error is its message, of several errors all of theirs, of anything else its text', () => {
  expect(errors.messageOf(new Error('one'))).toBe('one');
  expect(errors.messageOf(new AggregateError([new Error('one'), new TypeError('two')], 'both'))).toBe('one; two');
  expect(errors.messageOf('text')).toBe('text');
  expect(errors.messageOf(undefined)).toBe('undefined');
  expect(errors.messageOf(failureOf(() => readFileSync('/no/such/file')))).toBe(
    "ENOENT: no such file or directory, open '/no/such/file'",
  );
});

function failureOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
