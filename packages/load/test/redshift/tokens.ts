/** A piece of SQL text. A word is unquoted; a name is in double quotes, a text in single ones, both with their quotes. */
export interface Token {
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'parameter' | 'sign';
  readonly text: string;
}

const pieces = [
  ['name', /^"(?:[^"]|"")*"/],
  ['text', /^'(?:[^']|'')*'/],
  ['number', /^\d+/],
  ['parameter', /^\$\d+/],
  ['word', /^[A-Za-z_][A-Za-z0-9_]*/],
  ['sign', /^(?:::|<>|<=|>=|\|\||[-+*/%=<>(),.;[\]])/],
] as const;

/** Takes SQL apart. Throws SyntaxError for what is no token: comments and E'' strings are none here. */
export function tokens(sql: string): Token[] {
  const found: Token[] = [];
  let rest = sql.trimStart();
  while (rest !== '') {
    const [kind, text] = next(rest);
    found.push({ kind, text });
    rest = rest.slice(text.length).trimStart();
  }
  return found;
}

function next(rest: string): [Token['kind'], string] {
  if (/^[eE]'/.test(rest)) throw new SyntaxError(`an escape string: ${rest.slice(0, 20)}`);
  for (const [kind, pattern] of pieces) {
    const text = pattern.exec(rest)?.[0];
    if (text !== undefined) return [kind, text];
  }
  throw new SyntaxError(`no token of SQL: ${rest.slice(0, 20)}`);
}

/** The statements of a text, each as its tokens. */
export function statements(sql: string): Token[][] {
  const all: Token[][] = [[]];
  for (const token of tokens(sql)) {
    if (token.text === ';') all.push([]);
    else all.at(-1)!.push(token);
  }
  return all.filter((statement) => statement.length > 0);
}

/** Tokens as SQL text, words in capitals, one blank between any two. */
export const normal = (statement: readonly Token[]): string =>
  statement.map(({ kind, text }) => (kind === 'word' ? text.toUpperCase() : text)).join(' ');
