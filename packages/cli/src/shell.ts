/** A word as a shell reads it back, for commands that somebody may copy. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./…~-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
