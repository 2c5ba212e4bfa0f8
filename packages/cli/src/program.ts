import { Command as Parser, CommanderError } from 'commander';
import { messageOf, TotesError } from '@totes/core';
import { outputTo, type Command } from './command.ts';
import { commands, groups } from './commands/index.ts';
import { isRequired, jsonOption } from './options.ts';
import { processTerminal, type Terminal } from './output.ts';
import { codeVersion } from './release.ts';

/** Done; failed, or differs; called the wrong way. */
const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** Runs one command line and gives its exit code. Errors become one line on stderr. */
export async function main(args: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const fail = (name: string, message: string): void => {
    if (args.includes('--json')) terminal.out(JSON.stringify({ error: { name, message: withoutPasswords(message) } }));
  };
  const results: boolean[] = [];
  try {
    const parser = program(terminal, (well) => results.push(well));
    await parser.parseAsync(args, { from: 'user' });
    return results.includes(false) ? exitCodes.failed : exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.done;
      fail('Usage', error.message.replace(/^error: /, ''));
      return exitCodes.usage;
    }
    const name = error instanceof TotesError ? error.name : 'Unexpected';
    const message = messageOf(error);
    terminal.error(`totes: ${withoutPasswords(message)}`);
    if (!(error instanceof TotesError) && error instanceof Error) terminal.error(withoutPasswords(error.stack ?? ''));
    fail(name, message);
    return exitCodes.failed;
  }
}

/** A message may quote what somebody typed in the wrong place: a URL, with its password. */
const withoutPasswords = (text: string): string => text.replace(/(\w+:\/\/)[^\s'"]*@/g, '$1…@');

function program(terminal: Terminal, onResult: (well: boolean) => unknown): Parser {
  const totes = parser(
    'totes',
    'Moves what changes in the totesys shop database into a star-schema warehouse.',
    terminal,
  )
    .version(codeVersion, '--version', 'print the release')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed or differs, 2 wrong usage. `totes <command> --help` says more.',
    )
    .helpCommand(false);
  const parents = new Map<string, Parser>();
  for (const command of commands) {
    const [first, second] = command.name.split(' ') as [string, string?];
    if (second !== undefined && !parents.has(first)) {
      const group = parser(first, groups[first]!, terminal).helpCommand(false);
      parents.set(first, group);
      totes.addCommand(group);
    }
    const made = parser(second ?? first, command.description, terminal);
    accept(made, command, terminal, onResult);
    (parents.get(first) ?? totes).addCommand(made);
  }
  for (const parent of [totes, ...parents.values()]) parent.addCommand(helpCommand(parent, terminal));
  return totes;
}

/** Help that names a word which is no command, where commander's own shows the help of all. */
function helpCommand(parent: Parser, terminal: Terminal): Parser {
  return parser('help', 'display help for command', terminal)
    .argument('[command...]')
    .action(async (words: string[]) => {
      let at = parent;
      for (const word of words) {
        const next = at.commands.find((each) => each.name() === word);
        // What it says of an unknown command, with the one that was meant.
        if (next === undefined && at.commands.length > 0) await at.parseAsync([word], { from: 'user' });
        if (next === undefined) return at.error(`${at.name()} holds no command '${word}'`);
        at = next;
      }
      at.help();
    });
}

function parser(name: string, description: string, terminal: Terminal): Parser {
  return (
    new Parser(name)
      .description(description)
      .exitOverride()
      // The same on every terminal, so that the documents generated from it are.
      .configureHelp({ helpWidth: 100 })
      .showSuggestionAfterError()
      .configureOutput({
        writeOut: (text) => {
          terminal.out(text.trimEnd());
        },
        writeErr: (text) => {
          terminal.error(text.trimEnd());
        },
        outputError: (text, write) => {
          const message = text.replace(/^error: /, '').trim();
          const isLost = message.startsWith('unknown command') && !message.includes('Did you mean');
          const hint = isLost ? '; `totes --help` lists all' : '';
          write(`totes: ${withoutPasswords(message.replace(/\n+/g, ' '))}${hint}`);
        },
      })
  );
}

function accept(made: Parser, command: Command, terminal: Terminal, onResult: (well: boolean) => unknown): void {
  for (const option of [...command.options, jsonOption()]) made.addOption(option);
  if (command.examples.length > 0) {
    made.addHelpText('after', ['\nExamples:', ...command.examples.map((each) => `  ${each}`)].join('\n'));
  }
  made.action(async (given: object) => {
    // Not left to commander, which would ask for a missing option before it names one that it does not know.
    const isGiven = (name: string): boolean => made.getOptionValue(name) !== undefined;
    const missing = command.options.filter((each) => isRequired(each) && !isGiven(each.attributeName()));
    if (missing.length > 0 && !isGiven('stack')) {
      const stack = command.options.find((each) => each.attributeName() === 'stack' && !isRequired(each));
      const instead = stack === undefined ? '' : `; or ${stack.flags} in their place`;
      made.error(`these options are required: ${missing.map(({ flags }) => flags).join(', ')}${instead}`);
    }
    const misuse = command.misuse?.(given as never);
    if (misuse !== undefined) made.error(misuse);
    onResult(await command.run(given as never, outputTo(terminal)));
  });
}
