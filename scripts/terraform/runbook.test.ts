import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { commands } from '../../packages/cli/src/commands/index.ts';
import * as core from '../../packages/core/src/index.ts';

// That each alarm has its section, and each section its alarm, is in scripts/alarms/alarms.test.ts, which plans the alarms.

const root = join(import.meta.dirname, '../..');
const read = (file: string): Promise<string> => readFile(join(root, file), 'utf8');

const known = new Map(commands.map(({ name, options }) => [name, options.map(({ long }) => long)]));

/** `totes …` in blocks of commands and between backticks, without what a shell would take away. */
function commandLines(text: string): string[] {
  const blocks = Array.from(text.matchAll(/^```\n(.*?)^```$/gms), ([, block]) => block!.split('\n')).flat();
  const inline = Array.from(text.replaceAll(/^```.*?^```$/gms, '').matchAll(/`([^`]+)`/g), ([, code]) => code!);
  return [...blocks, ...inline].filter((line) => /^totes [a-z]/.test(line));
}

/** What of a command line does not exist. */
function unknown(line: string): string[] {
  const words = line.split(/\s+/).slice(1);
  const name = [words.slice(0, 2).join(' '), words[0]!].find((each) => known.has(each));
  const options = words.filter((word) => word.startsWith('--'));
  if (name === undefined) return [words[0]!];
  return options.filter((option) => !known.get(name)!.includes(option));
}

const documents = ['docs/runbook.md', 'docs/deploy.md'];
const configuration = (await readdir(join(root, 'terraform')))
  .filter((file) => /\.(tf|asl\.json)$/.test(file))
  .map((file) => `terraform/${file}`);

test.each([...documents, ...configuration])('%s names commands and options that exist', async (file) => {
  const lines = commandLines(await read(file));
  expect(lines.flatMap((line) => unknown(line).map((word) => `${word} in: ${line}`))).toEqual([]);
});

test('the runbook is full of them', async () => {
  expect(commandLines(await read('docs/runbook.md')).length).toBeGreaterThan(30);
  expect(unknown('totes replay --from-scratch --lake x')).toEqual(['--from-scratch']);
  expect(unknown('totes mend')).toEqual(['mend']);
});

test('the runbook says of each error what to do, and of none that does not exist', async () => {
  const names = Object.entries(core).flatMap(([name, value]) =>
    typeof value === 'function' && value.prototype instanceof core.TotesError ? [name] : [],
  );
  const rows = Array.from((await read('docs/runbook.md')).matchAll(/^\| ((?:`[\w.]+` *)+)\|/gm), ([, cell]) => cell!);
  const told = rows.flatMap((cell) => Array.from(cell.matchAll(/`([A-Z]\w+)`/g), ([, name]) => name!));
  expect(told.toSorted()).toEqual(names.toSorted());
});

/** As GitHub makes them. */
const anchors = (text: string): Set<string> =>
  new Set(
    Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading]) =>
      heading!
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );

test.each(documents)('the links of %s lead to sections that exist', async (file) => {
  const text = await read(file);
  const broken: string[] = [];
  for (const [link, document, anchor] of text.matchAll(/\]\(((?:[a-z]+\.md)?)#([^)]+)\)/g)) {
    const target = document === '' ? text : await read(`docs/${document!}`);
    if (!anchors(target).has(anchor!)) broken.push(link);
  }
  expect(broken).toEqual([]);
});
