import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const scripts = join(import.meta.dirname, '../.github/scripts');
const marker = '<!-- terraform-plan -->';
const plan = '  # aws_s3_bucket.this will be created\n\nPlan: 1 to add, 0 to change, 0 to destroy.\n';

/**
 * Stands in for GitHub's program: lists comments.json through the one filter that it understands, and keeps what is sent.
 * It does not take jq for that, which a machine that runs the tests need not have.
 */
const gh = `#!/usr/bin/env node
const { appendFileSync, readFileSync } = require('node:fs');
const args = process.argv.slice(2);
const file = (name) => require('node:path').join(__dirname, name);
if (args.includes('--jq')) {
  const filter = /^\\.\\[\\] \\| select\\(\\.user\\.login == "(.*)" and \\(\\.body \\| startswith\\("(.*)"\\)\\)\\) \\| \\.id$/;
  const [, login, start] = filter.exec(args[args.indexOf('--jq') + 1]);
  for (const { id, user, body } of JSON.parse(readFileSync(file('comments.json'), 'utf8'))) {
    if (user.login === login && body.startsWith(start)) console.log(id);
  }
} else {
  appendFileSync(file('sent'), JSON.stringify({ args, body: readFileSync(0, 'utf8') }) + '\\n');
}
`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'totes-comment-'));
  await writeFile(join(folder, 'gh'), gh);
  await chmod(join(folder, 'gh'), 0o755);
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs a script as the jobs do, with `input` on its stdin. */
function run(script: string, args: string[], input: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    ...process.env,
    PATH: `${folder}:${process.env.PATH}`,
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_REPOSITORY: 'shop/warehouse',
    GITHUB_RUN_ID: '7',
  };
  return new Promise((resolve) => {
    const child = execFile(join(scripts, script), args, { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    child.stdin!.end(input);
  });
}

const markdown = (input: string) => run('plan-markdown', [], input);

describe('the plan as Markdown', () => {
  it('has the summary above and the plan folded below', async () => {
    const { stdout } = await markdown(plan);
    expect(stdout).toMatch(/^\*\*Plan: 1 to add, 0 to change, 0 to destroy\.\*\*\n/);
    expect(stdout).toContain(`\n~~~~~~~~text\n${plan}~~~~~~~~\n`);
    expect(stdout).not.toContain('too long');
    expect((await markdown('No changes. Your infrastructure matches.')).stdout).toMatch(/^\*\*No changes\. Your/);
    expect((await markdown('Changes to Outputs:')).stdout).toMatch(/^\*\*Only outputs change\.\*\*\n/);
  });

  it('ends a plan that is too long at a whole line, and links to the rest', async () => {
    // Two bytes a character: a cut by bytes within a line would show.
    const line = `  + ${'é'.repeat(500)}\n`;
    const { code, stdout } = await markdown(line.repeat(100) + plan);
    expect(code).toBe(0);
    expect(Buffer.byteLength(stdout)).toBeLessThan(65_536);
    expect(stdout).toContain(`~~~~~~~~text\n${line.repeat(59)}~~~~~~~~\n`);
    expect(stdout).toMatch(/^\*\*Plan: 1 to add/);
    expect(stdout).toMatch(
      /\[the run\]\(https:\/\/github\.example\/shop\/warehouse\/actions\/runs\/7\) has the rest\.\n$/,
    );
  });

  it('fails where there is no plan', async () => {
    expect(await markdown('')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'plan-markdown: there is no plan on stdin\n',
    });
  });
});

describe('the comment', () => {
  const bot = { login: 'github-actions[bot]' };

  /** Comments on pull request 12, which has `comments`: how that ended, and each request that GitHub got. */
  async function comment(comments: readonly object[], input = plan) {
    await writeFile(join(folder, 'comments.json'), JSON.stringify(comments));
    const { code } = await run('comment-plan', ['12', '0123abc'], input);
    const sent = await readFile(join(folder, 'sent'), 'utf8').catch(() => '');
    const requests = sent.split('\n').slice(0, -1);
    return { code, requests: requests.map((line) => JSON.parse(line) as { args: string[]; body: string }) };
  }
  const request = (method: string, path: string): string[] =>
    `api --silent --method ${method} repos/shop/warehouse/issues/${path} --field body=@-`.split(' ');

  it('is made where there is none, with the marker that finds it again', async () => {
    const { requests } = await comment([{ id: 1, user: bot, body: 'All passed' }]);
    expect(requests).toMatchObject([{ args: request('POST', '12/comments') }]);
    expect(requests[0]!.body.startsWith(`${marker}\n### Terraform plan of 0123abc\n\n**Plan: 1 to add`)).toBe(true);
  });

  it('is updated where there is one', async () => {
    const { requests } = await comment([
      { id: 1, user: bot, body: 'All passed' },
      { id: 2, user: bot, body: `${marker}\nan older plan` },
    ]);
    expect(requests).toMatchObject([{ args: request('PATCH', 'comments/2') }]);
    expect(requests[0]!.body).toContain('0123abc');
  });

  it("is not taken for somebody else's, with the marker or quoting it", async () => {
    const { requests } = await comment([
      { id: 1, user: { login: 'mallory' }, body: `${marker}\nNo changes.` },
      { id: 2, user: bot, body: `Somebody wrote ${marker}` },
    ]);
    expect(requests).toMatchObject([{ args: request('POST', '12/comments') }]);
  });

  it('stays as it is where there is no plan', async () => {
    expect(await comment([{ id: 2, user: bot, body: marker }], '')).toEqual({ code: 1, requests: [] });
  });
});
