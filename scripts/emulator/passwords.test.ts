import { search } from './passwords.ts';

const passwords = ['reader:4f1d'];
const harmless: [string, string] = ['log of ingest', 'totes: 12 rows'];

test('counts what it searched', () => {
  expect(search(new Map([harmless, ['state 1', '{"name":"totes"}']]), passwords, 'totes')).toBe(
    '1 × log (1 kB), 1 × state (1 kB)',
  );
});

test.each(['reader:4f1d', 'postgres://user:reader%3A4f1d@host/database', 'only 4f1d'])('finds %j', (text) => {
  expect(() => search(new Map([harmless, ['state 1', `totes ${text}`]]), passwords, 'totes')).toThrow(
    'a password is in state 1',
  );
});

test('does not pass for having searched nothing', () => {
  expect(() => search(new Map([harmless, ['state 1', '']]), passwords, 'totes')).toThrow(
    'the search of each state did not find even "totes"',
  );
});
