import { jest } from '@jest/globals';
import { formatNumber, formatSeconds, processTerminal, table } from './output.ts';

test('tables put texts to the left and numbers to the right', () => {
  expect(
    table(
      ['name', 'rows'],
      [
        ['a', 12_345],
        ['long name', 7],
      ],
    ),
  ).toEqual(['name         rows', 'a          12,345', 'long name       7']);
  expect(table(['name'], [])).toEqual(['name']);
});

test.each([
  [0.04, '0.0 s'],
  [12.34, '12 s'],
  [600, '10 min'],
  [7300, '2 h'],
  [200_000, '2 days'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test('numbers have their thousands apart', () => {
  expect(formatNumber(1_234_567)).toBe('1,234,567');
});

describe('the terminal', () => {
  const written: string[] = [];
  const { isTTY } = process.stderr;
  beforeEach(() => {
    written.length = 0;
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(`out ${String(text)}`) > 0);
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(`err ${String(text)}`) > 0);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.stderr.isTTY = isTTY;
  });

  test('shows progress on a terminal, and clears it before the next line', () => {
    process.stderr.isTTY = true;
    const terminal = processTerminal();
    terminal.progress('working');
    terminal.out('done');
    terminal.error('oh');
    expect(written).toEqual(['err \r\u001b[Kworking', 'err \r\u001b[K', 'out done\n', 'err oh\n']);
  });

  test('shows none where stderr is not a terminal', () => {
    process.stderr.isTTY = false;
    const terminal = processTerminal();
    terminal.progress('working');
    terminal.out('done');
    expect(written).toEqual(['out done\n']);
  });
});
