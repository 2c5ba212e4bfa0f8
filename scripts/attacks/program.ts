import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { buildCommandLine } from '../bundle/commandLine.ts';

/** A text of a module, from the project's folder, that stands there exactly once, and what takes its place. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'totes-attacked-'));
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true });
});
let built = 0;

/**
 * Builds the command line with these edits, and with what makes it do as an attack orders; gives the file to run.
 *
 * @throws Error where an edit's text is not there exactly once, or its file is no part of the program: a defect that is not
 *   there proves nothing
 */
export async function buildProgram(edits: readonly Edit[] = []): Promise<string> {
  const program = join(folder, String(built++));
  const { file, modules } = await buildCommandLine(program, 'scripts/attacks/inside/attacked.ts', [edited(edits)]);
  const absent = edits.find((edit) => !modules.includes(edit.file));
  if (absent !== undefined) throw new Error(`a defect is stale: ${absent.file} is no part of the command line`);
  return file;
}

const edited = (edits: readonly Edit[]): Plugin => ({
  name: 'edited',
  setup(build) {
    build.onLoad({ filter: /[.]ts$/ }, async ({ path }) => {
      const here = edits.filter(({ file }) => join(root, file) === path);
      if (here.length === 0) return undefined;
      const contents = here.reduce(replaced, await readFile(path, 'utf8'));
      return { contents, loader: 'ts' };
    });
  },
});

function replaced(source: string, { file, find, replace }: Edit): string {
  const times = source.split(find).length - 1;
  if (times !== 1) throw new Error(`a defect is stale: ${file} holds ${times} times what is to be replaced: ${find}`);
  return source.replace(find, () => replace);
}
