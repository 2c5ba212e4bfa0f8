import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { codeVersion } from '../../packages/cli/src/release.ts';
import { buildCommandLine } from './commandLine.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'totes-command-line-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a command line that was built is the one of the sources, changed as a plugin says', async () => {
  const { file, modules } = await buildCommandLine(join(folder, 'built'), undefined, [
    {
      name: 'renamed',
      setup(build) {
        build.onLoad({ filter: /[\\/]release[.]ts$/ }, () => ({
          contents: `export const codeVersion = 'changed from ${codeVersion}'`,
        }));
      },
    },
  ]);
  expect(modules).toContain('packages/cli/src/release.ts');
  const totes = (...args: string[]): Promise<{ stdout: string }> =>
    promisify(execFile)(process.execPath, [file, ...args], { cwd: folder });
  expect((await totes('--version')).stdout).toBe(`changed from ${codeVersion}\n`);
  await expect(totes('status', '--stack', 'nowhere')).rejects.toMatchObject({
    code: 1,
    stderr: 'totes: --stack nowhere: there is no such file or folder\n',
  });
});
