import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build, type BuildOptions, type Metafile } from 'esbuild';
import { preparedPage } from './preparedPage.ts';
import { requiredBuiltins } from './requiredBuiltins.ts';

/** The packages that are a function in the cloud: the stages, and what a clock or a person calls beside them. */
export const stages = ['ingest', 'transform', 'load', 'verify', 'replay', 'report', 'rates'] as const;
export type Stage = (typeof stages)[number];

/** The package of a function whose name is another. */
const packages: Partial<Record<Stage, string>> = { report: 'dashboard' };

/** Files by the name that they have in the zip. */
export type Files = Readonly<Record<string, Uint8Array>>;

const root = join(import.meta.dirname, '..', '..');

/** What CommonJS dependencies (pg, parquet-wasm) expect to find around them, which an ES module does not have. */
const commonJs = [
  "import { createRequire } from 'node:module';",
  'const require = createRequire(import.meta.url);',
  'const __dirname = import.meta.dirname;',
].join('\n');

/** How our code becomes ES modules that need no other package. */
export const bundled = {
  absWorkingDir: root,
  write: false,
  metafile: true,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  // Dependencies that have both are smaller as ES modules, of which what is not used is left out.
  mainFields: ['module', 'main'],
  // Names stay: shorter ones load no sooner and save 40 kB, and a stack trace in a log could not be read.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  // pg asks for it only if it is told to.
  external: ['pg-native'],
  banner: { js: commonJs },
  plugins: [requiredBuiltins],
} as const satisfies BuildOptions;

/** The WebAssembly that parquet-wasm reads from its own folder when it is loaded, which is the bundle's folder then. */
export async function webAssembly({ outputs }: Metafile): Promise<Files> {
  const used = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const parquet = used.find((path) => path.endsWith('/parquet-wasm/node/parquet_wasm.js'));
  const name = 'parquet_wasm_bg.wasm';
  return parquet === undefined ? {} : { [name]: await readFile(join(root, dirname(parquet), name)) };
}

/**
 * A stage as one ES module with everything that it uses of its dependencies, and the files that it reads as it runs.
 * The same source gives the same bytes, wherever it lies.
 *
 * Our own AWS clients are in it, although Lambda has some: the versions are then those that were tested, and one file
 * loads sooner than the hundreds that Lambda's consist of. From a fresh process to the first request, ingest took 150 ms
 * with bundled clients and 330 ms with the same clients as packages; they add 200 kB to the zip.
 */
export async function bundle(stage: Stage): Promise<Files> {
  const { metafile, outputFiles } = await build({
    ...bundled,
    entryPoints: [`packages/${packages[stage] ?? stage}/src/handler.ts`],
    outfile: 'index.mjs',
    plugins: [...bundled.plugins, preparedPage],
  });
  return { 'index.mjs': outputFiles[0]!.contents, ...(await webAssembly(metafile)) };
}
