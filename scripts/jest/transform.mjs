import { transformSync } from 'esbuild';

/** Turns TypeScript into the ES modules that Jest runs, types removed and nothing else changed. */
export default {
  process(source, file) {
    const { code, map } = transformSync(source, {
      loader: 'ts',
      format: 'esm',
      target: 'node22',
      sourcemap: true,
      sourcefile: file,
    });
    return { code, map };
  },
};
