import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

const namespace = 'builtin';

/**
 * Turns imports of Node's own modules into `require`. An import of `node:http` reads all that it exports, and with that
 * loads Node's fetch, WebSocket and more, which nothing here uses: 45 of the 100 ms that it took to load ingest.
 */
export const requiredBuiltins: Plugin = {
  name: 'required-builtins',
  setup(build) {
    build.onResolve({ filter: /^[a-z0-9:_/]+$/ }, ({ path, kind }) =>
      kind === 'import-statement' && isBuiltin(path) ? { path: path.replace(/^node:/, ''), namespace } : undefined,
    );
    build.onLoad({ filter: /^/, namespace }, ({ path }) => ({ contents: `module.exports = require('node:${path}')` }));
  },
};
