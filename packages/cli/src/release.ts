import { readFileSync } from 'node:fs';

/** The release that manifests and the ledger name as the code that wrote them. */
export const codeVersion = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
