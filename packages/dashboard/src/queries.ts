import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'queries');

/** The text of every query, by the name of its file without `.sql`. */
export async function readQueries(): Promise<Record<string, string>> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return Object.fromEntries(files.map((name, i) => [name.slice(0, -'.sql'.length), texts[i]!]));
}
