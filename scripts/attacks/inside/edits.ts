import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { report, type Edit } from './orders.ts';

const root = join(import.meta.dirname, '../../..');

/**
 * Makes each edit when its module is loaded. One whose text is not there exactly once is reported as stale, and the
 * process does not start: a defect that is not there proves nothing.
 */
export function editModules(edits: readonly Edit[]): void {
  if (edits.length === 0) return;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const here = edits.filter(({ file }) => pathToFileURL(join(root, file)).href === url);
      if (here.length === 0) return loaded;
      let source = Buffer.from(loaded.source as Uint8Array).toString();
      for (const { file, find, replace } of here) {
        const times = source.split(find).length - 1;
        if (times !== 1) {
          report({ kind: 'stale', file, find, times });
          throw new Error(`${file} holds ${times} times what is to be replaced: ${find}`);
        }
        source = source.replace(find, () => replace);
        report({ kind: 'edited', file });
      }
      return { ...loaded, source };
    },
  });
}
