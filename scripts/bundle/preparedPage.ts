import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { bundleClient } from '../../packages/dashboard/src/bundle.ts';
import { readQueries } from '../../packages/dashboard/src/queries.ts';

const source = join(import.meta.dirname, '..', '..', 'packages', 'dashboard', 'src');

/** The modules of the report that read files of its package, and what they would give: the zip has none of these files. */
const prepared: Readonly<Record<string, { readonly name: string; readonly make: () => Promise<unknown> }>> = {
  [join(source, 'bundle.ts')]: { name: 'bundleClient', make: bundleClient },
  [join(source, 'queries.ts')]: { name: 'readQueries', make: readQueries },
};

/** Puts in place of what makes the page's script and reads its queries what they make and read. */
export const preparedPage: Plugin = {
  name: 'prepared-page',
  setup(build) {
    build.onLoad({ filter: /[\\/](bundle|queries)[.]ts$/ }, async ({ path }) => {
      const found = prepared[path];
      if (found === undefined) return undefined;
      return { contents: `export const ${found.name} = async () => (${JSON.stringify(await found.make())})` };
    });
  },
};
