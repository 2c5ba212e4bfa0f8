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
import { processTerminal, formatNumber, formatSeconds, table, type Terminal } from './output.ts';
import { runIngest, runLoad, runPipeline, runTransform, type RunInput, type RunResult } from './pipeline.ts';
import { pipelineStatus, statusLines } from './status.ts';

/** Done; failed, or what was compared differs; called the wrong way. */
const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** Runs one command line and gives its exit code. Errors become one line on stderr. */
export async function main(args: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const json = args.includes('--json');
  try {
    await program(terminal).parseAsync(args, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    const name = error instanceof TotesError ? error.name : 'Unexpected';
    const message = messageOf(error);
    terminal.error(`totes: ${message}`);
    if (!(error instanceof TotesError) && error instanceof Error) terminal.error(error.stack ?? '');
    if (json) terminal.out(JSON.stringify({ error: { name, message } }));
    return exitCodes.failed;
  }
}

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
        write(`totes: ${text.replace(/^error: /, '')}`);
      },
    })
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed or differs, 2 wrong usage. `totes <command> --help` says more.',
    );

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
        command.error(`required option ${missing.map(({ flags }) => `'${flags}'`).join(', ')} not given`);
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
      `Processed log at version ${result.version}, ${result.transformed.length} of them new, ${formatNumber(result.quarantined)} rows set aside.`,
    ]);
  });
  add(
    'load',
    'bring the warehouse up to the processed log',
    [lake(), warehouse(), schema()],
    async (options: RunInput & Json) => {
      const result = await runLoad(options, progress);
      print(options, result, () => [
        `Warehouse at version ${result.version}, ${result.versions.length} of them new.`,
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
      const { simulate } = await import('./sampleData/simulate.ts');
      const { database: url, days, seed } = options;
      const activity = await simulate({ url, days, seed });
      print(options, activity, () => rowLines({ ...activity }, 'count'));
    },
  );
  return totes;
}

const rowLines = (rows: Readonly<Record<string, number>>, title: string): string[] =>
  table(
    ['', title],
    Object.entries(rows).map(([name, count]) => [name, count]),
  );

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
    ...(result.quarantined > 0 ? ['', `${formatNumber(result.quarantined)} rows set aside in quarantine.`] : []),
    ...(result.warnings > 0
      ? ['', `${formatNumber(result.warnings)} fact rows changed though their last_updated did not.`]
      : []),
    ...result.notices.map((notice) => `Note: ${notice}`),
  ];
}
