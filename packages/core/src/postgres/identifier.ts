/** Quotes a table, column or schema name for SQL text. */
export const identifier = (...path: readonly string[]): string =>
  path.map((name) => `"${name.replaceAll('"', '""')}"`).join('.');

/** Quotes a text value for SQL text, where a parameter cannot stand (COPY takes none). */
export const literal = (value: string): string => {
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return value.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
};
