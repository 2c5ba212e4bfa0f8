import { Command, CommanderError, type Option } from 'commander';
import { messageOf, sourceTables, starTables, TotesError } from '@totes/core';
import {
  database,
  ingestOptions,
  isRequired,
  jsonOption,
  lake,
  option,
  orders,
  schema,
  warehouse,
  warehouseIfAny,
  wholeNumber,
} from './options.ts';
import { codeVersion } from './release.ts';
import { processTerminal, formatNumber, formatSeconds, table, type Terminal } from './output.ts';
import { runIngest, runLoad, runPipeline, runTransform, type RunInput, type RunResult } from './pipeline.ts';
import { pipelineStatus, statusLines } from './status.ts';

/** Done; failed; called the wrong way. */
const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** Runs one command line and gives its exit code. Errors become one line on stderr. */
export async function main(args: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const fail = (name: string, message: string): void => {
    if (args.includes('--json')) terminal.out(JSON.stringify({ error: { name, message: withoutPasswords(message) } }));
  };
  try {
    await program(terminal).parseAsync(args, { from: 'user' });
    return exitCodes.done;
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

interface Json {
  readonly json?: true;
}

function program(terminal: Terminal): Command {
  const totes = new Command('totes')
    .description('Moves what changes in the totesys shop database into a star-schema warehouse.')
    .exitOverride()
    // The same on every terminal, so that the documents generated from it are.
    .configureHelp({ helpWidth: 100 })
    .configureOutput({
      writeOut: (text) => {
        terminal.out(text.trimEnd());
      },
      writeErr: (text) => {
        terminal.error(text.trimEnd());
      },
      outputError: (text, write) => {
        write(
          `totes: ${withoutPasswords(
            text
              .replace(/^error: /, '')
              .trim()
              .replace(/\n+/g, ' '),
          )}`,
        );
      },
    })
    .version(codeVersion, '--version', 'print the release')
    .showSuggestionAfterError()
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage. `totes <command> --help` says more.');

  const add = (
    name: string,
    description: string,
    options: readonly Option[],
    action: (options: never) => Promise<void>,
  ): void => {
    const command = totes.command(name).description(description);
    for (const option of [...options, jsonOption()]) command.addOption(option);
    command.action((given: object) => {
      // Not left to commander, which would ask for a missing option before it names one that it does not know.
      const missing = options.filter(
        (each) => isRequired(each) && command.getOptionValue(each.attributeName()) === undefined,
      );
      if (missing.length > 0)
        command.error(`these options are required: ${missing.map(({ flags }) => flags).join(', ')}`);
      return action(given as never);
    });
  };
  const print = (options: Json, value: object, lines: () => readonly string[]): void => {
    if (options.json) terminal.out(JSON.stringify(value));
    else for (const line of lines()) terminal.out(line);
  };
  const progress = (stage: string, name: string, rows: number): void => {
    terminal.progress(`${stage.padEnd(9)} ${name} ${formatNumber(rows)}`);
  };

  add(
    'demo',
    'a source, a warehouse and sample data of its own: a full run, some business activity, a second run',
    [orders(), option('--keep', 'leave the databases running and the lake in place')],
    async (options: Json & { orders: number; keep?: true }) => {
      const { runDemo, demoLines } = await import('./demo.ts');
      const result = await runDemo({ orders: options.orders, keep: options.keep === true }, terminal);
      print(options, result, () => demoLines(result));
    },
  );
  add(
    'run',
    'ingest, transform and load once',
    [...ingestOptions(), warehouse(), schema()],
    async (options: RunInput & Json) => {
      const result = await runPipeline(options, progress);
      print(options, result, () => runLines(result));
    },
  );
  add(
    'ingest',
    'read what changed in the source into the raw log',
    ingestOptions(),
    async (options: RunInput & Json) => {
      const result = await runIngest(options, progress);
      print(options, result, () => [
        result.committed
          ? `Raw log at version ${result.version}.`
          : `Nothing new; raw log at version ${result.version}.`,
        ...result.notices.map((notice) => `Note: ${notice}`),
      ]);
    },
  );
  add('transform', 'bring the processed log up to the raw log', [lake()], async (options: Json & { lake: string }) => {
    const result = await runTransform(options.lake, progress);
    print(options, result, () => [
      `Processed log at version ${result.version}, ${formatNumber(result.transformed.length)} new, ${formatNumber(result.quarantined)} rows set aside.`,
    ]);
  });
  add(
    'load',
    'bring the warehouse up to the processed log',
    [lake(), warehouse(), schema()],
    async (options: RunInput & Json) => {
      const result = await runLoad(options, progress);
      print(options, result, () => [
        result.version === 0
          ? `Nothing to load: ${options.lake} has no transformed version yet.`
          : `Warehouse at version ${result.version}, ${formatNumber(result.versions.length)} new.`,
        ...rowLines(result.loaded, 'loaded'),
      ]);
    },
  );
  add(
    'status',
    'where both logs and the warehouse stand',
    [lake(), warehouseIfAny(), schema()],
    async (options: Json & { lake: string; warehouse?: string; schema: string }) => {
      const status = await pipelineStatus(options, new Date());
      print(options, status, () => statusLines(status));
    },
  );
  add(
    'generate',
    'make totesys in an empty database and fill it with sample data, the same for the same seed',
    [database(), orders(), option('--seed <number>', 'which data').argParser(wholeNumber).default(1)],
    async (options: Json & { database: string; orders: number; seed: number }) => {
      const { generate } = await import('./sampleData/generate.ts');
      const { database: url, orders, seed } = options;
      const rows = await generate({
        url,
        orders,
        seed,
        onProgress: (at) => {
          progress('generate', at.table, at.rows);
        },
      });
      print(options, { rows }, () => rowLines(rows, 'rows'));
    },
  );
  add(
    'simulate',
    'some days of business on a totesys database: orders, payments, renames',
    [
      database(),
      option('--days <count>', 'working days to pass').argParser(wholeNumber).default(1),
      option('--seed <number>', 'which business').argParser(wholeNumber).default(1),
    ],
    async (options: Json & { database: string; days: number; seed: number }) => {
      const { activityCounts, simulate } = await import('./sampleData/simulate.ts');
      const { database: url, days, seed } = options;
      const activity = await simulate({ url, days, seed });
      print(options, activity, () => rowLines(activityCounts(activity), 'count'));
    },
  );
  return totes;
}

/** A line for each count that is not 0. */
function rowLines(rows: Readonly<Record<string, number>>, title: string): string[] {
  const some = Object.entries(rows).filter(([, count]) => count > 0);
  return some.length === 0 ? [] : table(['', title], some);
}

/** The result of a run for people: a line a table that had anything. */
export function runLines(result: RunResult): string[] {
  const rows = (
    tables: readonly { readonly name: string }[],
    counts: Readonly<Record<string, number>>,
    title: string,
  ) => {
    const some = tables.filter(({ name }) => (counts[name] ?? 0) > 0).map(({ name }) => [name, counts[name]!] as const);
    return some.length === 0 ? [] : ['', ...table([title, 'rows'], some)];
  };
  const names = new Set(sourceTables.map(({ name }) => name));
  const archived = Object.keys(result.read)
    .filter((name) => !names.has(name))
    .map((name) => ({ name }));
  return [
    `${result.committed ? 'New' : 'Nothing new in the source; warehouse at'} version ${result.version}, ${formatSeconds(result.seconds)}.`,
    ...rows([...sourceTables, ...archived], result.read, 'read from the source'),
    ...rows(starTables, result.loaded, 'loaded into the warehouse'),
    ...(result.quarantined > 0
      ? [
          '',
          `${formatNumber(result.quarantined)} rows broke a rule and were set aside, with the reason: ${result.quarantine}`,
        ]
      : []),
    ...(result.warnings > 0
      ? ['', `${formatNumber(result.warnings)} fact rows changed though their last_updated did not.`]
      : []),
    ...result.notices.map((notice) => `Note: ${notice}`),
  ];
}
