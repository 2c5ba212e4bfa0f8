import { join } from 'node:path';

/** What runs in the browser, as the page carries it. */
export interface ClientBundle {
  readonly script: string;
  readonly style: string;
}

const folder = join(import.meta.dirname, '..', 'client');

/**
 * Makes one script and one style sheet of the files in `client`. Where the source files are not, as in a Lambda function,
 * the page takes a bundle that was made before.
 */
export async function bundleClient(): Promise<ClientBundle> {
  // Only who makes a bundle needs the bundler.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'main.ts'), join(folder, 'style.css')],
    outdir: folder,
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome110', 'firefox115', 'safari16.4'],
    // ECharts asks for it at every step.
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
  });
  const text = (extension: string): string => outputFiles.find(({ path }) => path.endsWith(extension))!.text;
  return { script: text('.js'), style: text('.css') };
}
