import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { commands, groups } from '../src/commands/index.ts';
import { main } from '../src/program.ts';
import { totes } from './pipelineTest.ts';

test.each([
  [['help', 'nonsense'], /^totes: unknown command 'nonsense'; `totes --help` lists all$/],
  [['help', 'statsu'], /^totes: unknown command 'statsu' \(Did you mean status\?\)$/],
  [['help', 'quarantine', 'lits'], /^totes: unknown command 'lits' \(Did you mean list\?\)$/],
  [['help', 'run', 'fast'], /^totes: run holds no command 'fast'$/],
  [['quarantine', 'lits'], /Did you mean list/],
  [['run', '--lke', 'x'], /unknown option '--lke' \(Did you mean --lake\?\)/],
])('%j names the word, and the one that was meant', async (args, message) => {
  const { code, error } = await totes(...args);
  expect([code, error.join('\n')]).toEqual([2, expect.stringMatching(message)]);
});

test.each([
  [['help'], 'Usage: totes [options] [command]'],
  [['help', 'quarantine'], 'Usage: totes quarantine [options] [command]'],
  [['help', 'quarantine', 'list'], 'Usage: totes quarantine list [options]'],
  [['quarantine', 'help', 'list'], 'Usage: totes quarantine list [options]'],
])('%j', async (args, usage) => {
  const { code, out } = await totes(...args);
  expect([code, out[0]]).toEqual([0, usage]);
});

describe('the examples of each command are command lines of it', () => {
  test.each(commands.map((command) => [command.name, command] as const))('%s', async (name, { examples, options }) => {
    expect(examples.length).toBeGreaterThan(0);
    expect((await totes(...name.split(' '), '--help')).out).toEqual(
      expect.arrayContaining(examples.map((each) => `  ${each}`)),
    );
    const known = new Set([...options.map(({ long }) => long), '--json']);
    for (const example of examples) {
      expect(example).toContain(`totes ${name}`);
      const used = [...example.matchAll(/ (--[a-z-]+)/g)].map(([, option]) => option);
      expect(used.filter((option) => !known.has(option))).toEqual([]);
    }
  });
});

describe('completion', () => {
  const script = async (shell: string): Promise<string> => (await totes('completion', shell)).out.join('\n');

  /** What bash offers after the words. */
  async function offered(...words: string[]): Promise<string[]> {
    const line = ['totes', ...words].map((word) => `'${word}'`).join(' ');
    const program = `${await script('bash')}
      COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _totes; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await promisify(execFile)('bash', ['-c', program], { cwd: import.meta.dirname });
    return stdout.split('\n').filter((each) => each !== '');
  }

  test('bash completes commands, commands within them, options, their values and files', async () => {
    const names = [...new Set(commands.map(({ name }) => name.split(' ')[0]!).filter((name) => name !== 'completion'))];
    expect((await offered('')).sort()).toEqual([...names, 'completion', 'help'].sort());
    expect(await offered('sta')).toEqual(['status']);
    expect(await offered('quarantine', '')).toEqual(['list', 'show', 'retry']);
    expect(await offered('completion', '')).toEqual(['bash', 'zsh', 'fish']);
    expect(await offered('help', 'qu')).toEqual(['quarantine']);
    expect(await offered('help', 'quarantine', 'l')).toEqual(['list']);
    expect(await offered('quarantine', 'show', '--k')).toEqual(['--key']);
    expect(await offered('status', '--sta')).toEqual(['--stack']);
    expect(await offered('run', '--raw-format', '')).toEqual(['csv', 'json']);
    expect(await offered('status', '--lake', 'help')).toEqual(['help.test.ts']);
    expect(await offered('status', '--schema', '')).toEqual([]);
    expect(await offered('status', '--json', '--wa')).toEqual(['--warehouse']);
  });

  test.each(['zsh', 'fish'])('%s knows every command and option', async (shell) => {
    const text = await script(shell);
    for (const { name, options } of commands.filter(({ name }) => !name.startsWith('completion'))) {
      expect(text).toContain(name);
      for (const { long } of options) expect(text).toContain(shell === 'fish' ? ` -l ${long!.slice(2)}` : `'${long!}:`);
    }
    for (const group of Object.keys(groups)) expect(text).toContain(group);
  });
});

test.each([
  ['nobody asks for them', {}, false],
  ['they are forced', { FORCE_COLOR: '1' }, true],
  ['they are forbidden', { NO_COLOR: '1' }, false],
])('colours, where stdout is no terminal and %s', async (_, env, hasColours) => {
  const program = join(import.meta.dirname, '../src/main.ts');
  const args = ['--disable-warning=ExperimentalWarning', program, 'status', '--lake', '/nonexistent/lake'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env }).catch(
    (error: unknown) => error as { stdout: string },
  );
  expect(stdout.startsWith(hasColours ? '\u001b[31mNot healthy: ' : 'Not healthy: ')).toBe(true);
});

test('a verdict is painted where the terminal can', async () => {
  const out: string[] = [];
  const terminal = { out: (line: string) => out.push(line), error: () => undefined, progress: () => undefined };
  const paint = (style: string, text: string): string => `<${style}>${text}`;
  await main(['status', '--lake', '/nonexistent/lake'], { ...terminal, paint });
  expect(out[0]).toMatch(/^<red>Not healthy: nothing was ever read/);
});

test('a reader that has seen enough is no failure', async () => {
  const program = join(import.meta.dirname, '../src/main.ts');
  const args = ['--disable-warning=ExperimentalWarning', program, 'help'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'close') as Promise<[number | null]>]);
  expect([code, errors]).toEqual([0, '']);
});
