import { expect, test } from '@jest/globals';
import { clean, compareStates, isClean } from './verdict.ts';

const judged = (seen: string[], there: string[]) => {
  const verdict = clean();
  compareStates(verdict, 'fact', new Map([['1', seen]]), new Map([['1', there]]));
  const { lost, doubled, altered } = verdict;
  return { lost, doubled, altered, clean: isClean(verdict) };
};

test.each([
  ['the same', ['a', 'b', 'a'], ['a', 'b', 'a'], { lost: 0, doubled: 0, altered: 0, clean: true }],
  ['a state that is gone', ['a', 'b'], ['a'], { lost: 1, doubled: 0, altered: 0, clean: false }],
  ['a row that is gone', ['a', 'b'], [], { lost: 2, doubled: 0, altered: 0, clean: false }],
  ['a state twice', ['a', 'b'], ['a', 'b', 'b'], { lost: 0, doubled: 1, altered: 0, clean: false }],
  ['another value', ['a', 'b'], ['a', 'c'], { lost: 0, doubled: 0, altered: 1, clean: false }],
  ['a value that nobody saw', ['a'], ['a', 'c'], { lost: 0, doubled: 0, altered: 1, clean: false }],
  ['another order', ['a', 'b'], ['b', 'a'], { lost: 0, doubled: 0, altered: 1, clean: false }],
  ['one gone and one twice', ['a', 'b'], ['a', 'a'], { lost: 1, doubled: 1, altered: 0, clean: false }],
])('%s', (_, seen, there, expected) => {
  expect(judged(seen, there)).toEqual(expected);
});
