import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mutations, type Mutation } from './mutations.ts';

/**
 * Takes each requirement of mutations.ts out of a copy of the configuration and runs the test that should notice. Fails
 * where a test stays green, fails for another reason than the one expected, or where there is nothing to take out.
 * Arguments: texts that the requirements to try contain; all without any.
 */
const project = join(import.meta.dirname, '../..');
const configurations = ['terraform', 'terraform/bootstrap'];

/** Runs Terraform in `folder`: its exit code, and what it printed. Throws where it does not start. */
function terraform(folder: string, ...args: string[]): Promise<{ code: number; lines: string[] }> {
  const env = { ...process.env, CHECKPOINT_DISABLE: '1' };
  return new Promise((resolve, reject) => {
    execFile('terraform', args, { cwd: folder, env, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      if (typeof error?.code === 'string') reject(new Error(`terraform does not start: ${error.message}`));
      else resolve({ code: error === null ? 0 : (error.code ?? 1), lines: `${stdout}${stderr}`.split('\n') });
    });
  });
}

/** A copy of what the tests read, initialised. */
async function workshop(folder: string): Promise<string> {
  await cp(join(project, 'terraform'), join(folder, 'terraform'), {
    recursive: true,
    filter: (path) => !path.endsWith('.terraform'),
  });
  const errors = 'packages/core/src/errors.ts';
  await mkdir(dirname(join(folder, errors)), { recursive: true });
  await cp(join(project, errors), join(folder, errors));
  for (const configuration of configurations) {
    const args = ['init', '-backend=false', '-input=false', '-lockfile=readonly', '-no-color'];
    const { code, lines } = await terraform(join(folder, configuration), ...args);
    if (code !== 0) throw new Error(`terraform init failed in ${configuration}:\n${lines.join('\n')}`);
  }
  return folder;
}

/** What the test said, without the wrapping that Terraform gives its messages for people. */
function diagnostics(lines: readonly string[]): string {
  const messages = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Message);
  return messages
    .flatMap(({ diagnostic }) => (diagnostic === undefined ? [] : [`${diagnostic.summary}: ${diagnostic.detail}`]))
    .join('\n')
    .replace(/[^\S\n]+/g, ' ');
}
interface Message {
  readonly diagnostic?: { readonly summary: string; readonly detail: string };
}

/** Why the mutation counts as unnoticed; undefined where the test noticed it. */
async function attempt(folder: string, { file, from, to, test, noticed }: Mutation): Promise<string | undefined> {
  const path = join(folder, file);
  const before = await readFile(path, 'utf8');
  if (!before.includes(from)) return `${file} no longer holds the text ${JSON.stringify(from)}: mend mutations.ts`;
  await writeFile(
    path,
    before.replace(from, () => to),
  );
  try {
    const configuration = file.startsWith('terraform/bootstrap/') ? 'terraform/bootstrap' : 'terraform';
    const filter = `-filter=tests/${test}.tftest.hcl`;
    const { code, lines } = await terraform(join(folder, configuration), 'test', '-json', filter);
    if (code === 0) return `tests/${test}.tftest.hcl passes without it: add an assertion`;
    const said = diagnostics(lines);
    return said.includes(noticed) ? undefined : `expected the test to say "${noticed}", but it said:\n${said}`;
  } finally {
    await writeFile(path, before);
  }
}

const wanted = process.argv.slice(2);
const waiting = mutations.filter(
  ({ requirement }) => wanted.length === 0 || wanted.some((text) => requirement.includes(text)),
);
if (waiting.length === 0) throw new Error(`no requirement of mutations.ts contains ${wanted.join(' or ')}`);
const total = waiting.length;
let unnoticed = 0;

async function work(folder: string): Promise<void> {
  for (let mutation = waiting.shift(); mutation !== undefined; mutation = waiting.shift()) {
    const complaint = await attempt(folder, mutation);
    if (complaint !== undefined) unnoticed++;
    console.log(`${complaint === undefined ? 'noticed  ' : 'UNNOTICED'} ${mutation.requirement}`);
    console.log(`          ${complaint ?? mutation.noticed}`);
  }
}

const folder = await mkdtemp(join(tmpdir(), 'mutations-'));
try {
  const folders: string[] = [];
  // One after another: Terraform's plugin cache bears no two installations at once.
  for (let worker = 0; worker < Math.min(availableParallelism(), total); worker++) {
    folders.push(await workshop(join(folder, String(worker))));
  }
  await Promise.all(folders.map(work));
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`${total - unnoticed} of ${total} mutations were noticed`);
if (unnoticed > 0) process.exitCode = 1;
