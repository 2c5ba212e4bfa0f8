import type { Token } from './tokens.ts';

/** What PostgreSQL is told instead, by Redshift's words; `*` stands for any token. */
const replacements: readonly (readonly [from: string, to: string])[] = [
  // Redshift's transactions see the moment of their first query, and its lock comes before that.
  ['BEGIN READ', 'BEGIN ISOLATION LEVEL REPEATABLE READ READ'],
  ['DISTSTYLE ALL', ''],
  ['DISTSTYLE KEY DISTKEY ( * )', ''],
  // The moment when the transaction began, without a time zone.
  ['SYSDATE', `( now() AT TIME ZONE 'UTC' )`],
];

/** A statement of Redshift's language in PostgreSQL's. Names lose their capitals, and texts are cut, as there. */
export function translate(statement: readonly Token[]): string {
  let words = statement.map(({ kind, text }) =>
    kind === 'word' ? text.toUpperCase() : kind === 'name' ? text.toLowerCase() : text,
  );
  for (const [from, to] of replacements) words = replace(words, from.split(' '), to === '' ? [] : to.split(' '));
  words = withoutSortKey(words);
  // A VARCHAR without length has one in Redshift.
  return words
    .flatMap((word, i) => (word === 'VARCHAR' && words[i + 1] !== '(' ? ['VARCHAR', '(', '256', ')'] : [word]))
    .join(' ')
    .replaceAll(' . ', '.');
}

function replace(words: string[], from: readonly string[], to: readonly string[]): string[] {
  const at = words.findIndex((_, i) => from.every((word, j) => word === '*' || word === words[i + j]));
  if (at === -1) return words;
  return [...words.slice(0, at), ...to, ...replace(words.slice(at + from.length), from, to)];
}

function withoutSortKey(words: string[]): string[] {
  const start = words.indexOf('COMPOUND');
  if (start === -1) return words;
  return [...words.slice(0, start), ...words.slice(words.indexOf(')', start) + 1)];
}
