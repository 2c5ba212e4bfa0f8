import { evaluate } from './expression.ts';

const series = new Map([
  ['calls', [3, undefined, 2, undefined]],
  ['errors', [1, undefined, undefined, 4]],
]);

test.each([
  ['calls', [3, undefined, 2, undefined]],
  ['FILL(calls, 0)', [3, 0, 2, 0]],
  ['FILL(calls, 0) - FILL(errors, 0)', [2, 0, 2, -4]],
  ['calls - errors', [2, undefined, 2, -4]],
  ['calls + 1.5', [4.5, 1.5, 3.5, 1.5]],
  ['10 - (calls - errors) - 1', [7, 9, 7, 13]],
])('%s', (expression, expected) => {
  expect(evaluate(expression, series)).toEqual(expected);
});

test.each([
  ['throttles', 'throttles is not known'],
  ['calls * 2', '* is not known'],
  ['MAX(calls)', 'MAX is not known'],
  ['FILL(calls, 0', 'expected ), found the end'],
  ['calls -', 'expected more, found the end'],
])('%s is refused', (expression, message) => {
  expect(() => evaluate(expression, series)).toThrow(message);
});
