import { execFile } from 'node:child_process';
import { appendFile, chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const bucket = 'totes-state';

/** Stands in for Terraform: keeps what it was called with, and the settings file, which is gone when the script ends. */
const terraform = `#!/usr/bin/env bash
set -euo pipefail
{
  echo "> $*"
  env | grep -E '^TF_(VAR_|IN_)' | sort
  for argument; do
    if [[ $argument == -var-file=/* ]]; then cat "\${argument#-var-file=}"; fi
    if [[ $argument == -out=* ]]; then touch "terraform/\${argument#-out=}"; fi
  done
} >>calls
`;

// Nothing else of this environment: neither its AWS and Terraform settings, nor another repository or a signature of Git's.
const { PATH = '', HOME } = process.env;
const basic = { PATH, HOME, GIT_CONFIG_GLOBAL: '/dev/null' };

let project: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'totes-deploy-'));
  for (const folder of ['scripts', 'terraform', 'bin']) await mkdir(join(project, folder));
  await copyFile(join(import.meta.dirname, 'deploy'), join(project, 'scripts/deploy'));
  await program('scripts/build', '#!/usr/bin/env bash\necho "> build" >>calls\n');
  await program('bin/terraform', terraform);
  await writeFile(join(project, 'terraform/main.tf'), '');
  await writeFile(join(project, 'terraform/.terraform.lock.hcl'), '');
  await writeFile(join(project, '.gitignore'), '*.tfplan\ncalls\n');
  await git('init', '--quiet');
  await git('add', '.');
  await git('-c', 'user.name=Test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--message=all');
});
afterEach(() => rm(project, { recursive: true }));

async function program(path: string, text: string): Promise<void> {
  await writeFile(join(project, path), text);
  await chmod(join(project, path), 0o755);
}

const git = async (...args: string[]): Promise<string> =>
  (await run('git', args, { cwd: project, env: basic })).stdout.trim();

/** Runs the script as a person does, with the variables of `env`: how it ended, and each call that it made. */
async function deploy(args: string[], env: NodeJS.ProcessEnv = { TF_STATE_BUCKET: bucket, AWS_REGION: 'eu-west-2' }) {
  const options = { cwd: tmpdir(), env: { ...basic, PATH: `${join(project, 'bin')}:${PATH}`, ...env } };
  const ended = await run(join(project, 'scripts/deploy'), args, options).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );
  const calls = await readFile(join(project, 'calls'), 'utf8').catch(() => '');
  await rm(join(project, 'calls'), { force: true });
  return { code: ended.code, stdout: ended.stdout, stderr: ended.stderr, calls: calls.split('\n').slice(0, -1) };
}

const init = [
  `> -chdir=terraform init -input=false -reconfigure -backend-config=bucket=${bucket} -backend-config=region=eu-west-2`,
  'TF_IN_AUTOMATION=1',
];
/** What a plan calls Terraform with, before the options that it was given. */
const planned = async (suffix = ''): Promise<string> =>
  `> -chdir=terraform plan -input=false -out=deploy.tfplan -var=code_version=${await git('rev-parse', 'HEAD')}${suffix}`;

describe('plan', () => {
  it('reads the state, builds the zips, and names the commit and the region', async () => {
    const { code, calls } = await deploy(['plan']);
    expect(code).toBe(0);
    expect(calls).toEqual([...init, '> build', await planned(), 'TF_IN_AUTOMATION=1', 'TF_VAR_region=eu-west-2']);
  });

  it('hands on the options of Terraform, and a region that was chosen', async () => {
    const env = { TF_STATE_BUCKET: bucket, AWS_REGION: 'eu-west-2', TF_VAR_region: 'eu-west-1' };
    const { calls } = await deploy(['plan', '-destroy', '-var-file=my own.tfvars'], env);
    const options = '-destroy -var-file=my own.tfvars';
    expect(calls.slice(-3)).toEqual([`${await planned()} ${options}`, 'TF_IN_AUTOMATION=1', 'TF_VAR_region=eu-west-1']);
  });

  it('hands on the settings of TFVARS as a file, and removes it', async () => {
    const TFVARS = 'raw_format = "json"\nrate_minutes = 1';
    const { calls } = await deploy(['plan', '-lock=false'], {
      TF_STATE_BUCKET: bucket,
      AWS_REGION: 'eu-west-2',
      TFVARS,
    });
    const call = calls.find((line) => line.includes(' plan '))!;
    const file = / -var-file=(\S+) -lock=false$/.exec(call)![1]!;
    expect(call.replace(file, 'FILE')).toBe(`${await planned()} -var-file=FILE -lock=false`);
    expect(calls.slice(-2)).toEqual(TFVARS.split('\n'));
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });

  it('says of a commit with changes that it is dirty, whatever Terraform adds to its lock files', async () => {
    await appendFile(join(project, 'terraform/.terraform.lock.hcl'), '# of another platform\n');
    expect((await deploy(['plan'])).calls).toContain(await planned());
    await appendFile(join(project, 'terraform/main.tf'), 'locals {}\n');
    expect((await deploy(['plan'])).calls).toContain(await planned('-dirty'));
  });

  it('leaves no older plan where the new one fails', async () => {
    await deploy(['plan']);
    await program('scripts/build', '#!/usr/bin/env bash\nexit 3\n');
    expect((await deploy(['plan'])).code).toBe(3);
    expect(await deploy(['apply'])).toMatchObject({
      code: 1,
      stderr: 'scripts/deploy: there is no terraform/deploy.tfplan: run scripts/deploy plan first\n',
      calls: [],
    });
  });
});

test('apply does what the plan says, and builds nothing', async () => {
  await deploy(['plan']);
  const { code, calls } = await deploy(['apply', '-parallelism=1']);
  expect(code).toBe(0);
  const applied = '> -chdir=terraform apply -input=false -parallelism=1 deploy.tfplan';
  expect(calls).toEqual([...init, applied, 'TF_IN_AUTOMATION=1']);
});

test('show prints the plan, and needs no state', async () => {
  const { code, calls } = await deploy(['show'], {});
  expect(code).toBe(0);
  expect(calls).toEqual(['> -chdir=terraform show -no-color deploy.tfplan', 'TF_IN_AUTOMATION=1']);
});

test.each(['TF_STATE_BUCKET', 'AWS_REGION'])('without %s nothing is called', async (name) => {
  const { code, stderr, calls } = await deploy(['plan'], {
    TF_STATE_BUCKET: bucket,
    AWS_REGION: 'eu-west-2',
    [name]: '',
  });
  expect([code, calls]).toEqual([1, []]);
  expect(stderr).toBe(`scripts/deploy: ${name} is not set: docs/deploy.md says where its value comes from\n`);
});

test('an unknown command, and none, is told of the ones there are', async () => {
  for (const args of [['destroy'], []]) {
    const { code, stdout, stderr, calls } = await deploy(args);
    expect([code, stdout, calls]).toEqual([2, '', []]);
    expect(stderr).toContain('scripts/deploy plan [OPTION ...]');
  }
});
