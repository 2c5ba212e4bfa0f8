import { search } from './passwords.ts';

const passwords = ['reader:4f1d'];
const kinds = ['log', 'state'];
const harmless: [string, string] = ['log of ingest', 'totes: 12 rows'];

test('counts what it searched', () => {
  expect(search(new Map([harmless, ['state 1', '{"name":"totes"}']]), passwords, kinds, 'totes')).toBe(
    '1 × log (1 kB), 1 × state (1 kB)',
  );
});

test.each(['reader:4f1d', 'postgres://user:reader%3A4f1d@host/database', 'only 4f1d'])('finds %j', (text) => {
  expect(() => search(new Map([harmless, ['state 1', `totes ${text}`]]), passwords, kinds, 'totes')).toThrow(
    'a password is in state 1',
  );
});

test.each([
  [new Map([harmless, ['state 1', '']]), 'nothing to search in state 1'],
  [new Map([harmless, ['state 1', 'some other text']]), '1 places of the kind state without even "totes"'],
  [new Map([harmless]), '0 places of the kind state without even "totes"'],
])('does not pass for having searched too little', (places, message) => {
  expect(() => search(places, passwords, kinds, 'totes')).toThrow(message);
});
