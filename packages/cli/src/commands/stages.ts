import { sourceTables, starTables } from '@totes/core';
import type { Command, Json, Output } from '../command.ts';
import { untilInterrupted } from '../interrupted.ts';
import { adopt, ingestOptions, lake, schema, stack, warehouse, watch, workers } from '../options.ts';
import { formatNumber, formatSeconds, rowLines, table } from '../output.ts';
import {
  runIngest,
  runLoad,
  runPipeline,
  runTransform,
  type IngestInput,
  type LoadInput,
  type RunInput,
  type RunResult,
  type TransformInput,
} from '../pipeline.ts';
import { shellWord } from '../shell.ts';
import { openStack } from '../stack/openStack.ts';
import { startRun } from '../stack/run.ts';
import { startAndWatch } from '../stack/startAndWatch.ts';

const run: Command = {
  name: 'run',
  description: 'ingest, transform and load once; with --stack in AWS, by the state machine',
  options: [...ingestOptions(), workers(), warehouse(), schema(), adopt(), stack(), watch()],
  examples: [
    'totes run --source postgres://reader@shop.example/totesys --warehouse secret:warehouse --lake ./lake',
    'totes run --stack terraform',
    'totes run --stack terraform --watch',
  ],
  misuse: ({ stack, watch }: RunOptions) =>
    watch === true && stack === undefined ? 'option --watch follows a run in AWS: it needs --stack <place>' : undefined,
  async run({ stack: place, watch: isWatched, ...options }: RunOptions, output) {
    if (place !== undefined)
      return isWatched === true ? watchInStack(place, options, output) : startInStack(place, options, output);
    const result = await runPipeline(options, output.progress);
    output.print(options, result, () => runLines(result, `--lake ${shellWord(options.lake)}`));
    return true;
  },
};

type RunOptions = RunInput & Json & { readonly stack?: string; readonly watch?: true };

async function startInStack(place: string, json: Json, { print }: Output): Promise<boolean> {
  const started = await startRun(await openStack(place));
  print(json, started, () => [`Run ${started.run} started.`, `Follow it: ${started.follow}`]);
  return true;
}

async function watchInStack(place: string, json: Json, { print, terminal }: Output): Promise<boolean> {
  const stack = await openStack(place);
  const { run, follow, result } = await untilInterrupted((signal) => startAndWatch(stack, terminal.error, signal));
  if (result === undefined) {
    print(json, { run, follow, stoppedWatching: true }, () => [
      `Stopped watching; run ${run} goes on.`,
      `Follow it: ${follow}`,
    ]);
    return false;
  }
  print(json, { run, ...result }, () => runLines(result, `--stack ${shellWord(place)}`));
  return true;
}

const ingest: Command = {
  name: 'ingest',
  description: 'read what changed in the source into the raw log',
  examples: [
    'totes ingest --source postgres://reader@shop.example/totesys --lake ./lake',
    'totes ingest --source secret:totesys --lake s3://bucket/lake --capture sales_order=3600',
  ],
  options: ingestOptions(),
  async run(options: IngestInput & Json, { print, progress }) {
    const result = await runIngest(options, progress);
    print(options, result, () => [
      result.committed ? `Raw log at version ${result.version}.` : `Nothing new; raw log at version ${result.version}.`,
      ...rowLines(result.deleted, 'deleted in the source'),
      ...result.notices.map((notice) => `Note: ${notice}`),
    ]);
    return true;
  },
};

const transform: Command = {
  name: 'transform',
  description: 'bring the processed log up to the raw log',
  examples: ['totes transform --lake ./lake', 'totes transform --lake s3://raw-bucket,s3://processed-bucket'],
  options: [lake(), workers()],
  async run(options: TransformInput & Json, { print, progress }) {
    const result = await runTransform(options, progress);
    print(options, result, () => [
      `Processed log at version ${result.version}, ${formatNumber(result.transformed.length)} new, ` +
        `${formatNumber(result.quarantined)} rows set aside, ${formatNumber(result.waiting)} wait.`,
    ]);
    return true;
  },
};

const load: Command = {
  name: 'load',
  description: 'bring the warehouse up to the processed log',
  examples: [
    'totes load --lake ./lake --warehouse postgres://loader@warehouse.example/analytics',
    'totes load --lake ./lake --warehouse secret:warehouse --schema star',
  ],
  options: [lake(), warehouse(), schema(), adopt()],
  async run(options: LoadInput & Json, { print, progress }) {
    const result = await runLoad(options, progress);
    print(options, result, () => [
      result.version === 0
        ? `Nothing to load: ${options.lake} has no transformed version yet.`
        : `Warehouse at version ${result.version}, ${formatNumber(result.versions.length)} new.`,
      ...rowLines(result.loaded, 'loaded'),
      ...rowLines(result.deleted, 'no longer current'),
    ]);
    return true;
  },
};

export const stageCommands = [run, ingest, transform, load];

/**
 * The result of a run for people: a line a table that had anything.
 *
 * @param place the option that names where it ran, for the command to look further with
 */
export function runLines(result: RunResult, place: string): string[] {
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
    ...rows(sourceTables, result.deleted, 'deleted in the source'),
    ...rows(starTables, result.loaded, 'loaded into the warehouse'),
    ...(result.quarantined > 0
      ? ['', `${formatNumber(result.quarantined)} rows broke a rule and were set aside: ${result.quarantine}`]
      : []),
    ...(result.waiting > 0
      ? ['', `${formatNumber(result.waiting)} rows wait in quarantine; \`totes quarantine list ${place}\` says why.`]
      : []),
    ...(result.warnings > 0
      ? ['', `${formatNumber(result.warnings)} fact rows changed though their last_updated did not.`]
      : []),
    ...result.notices.map((notice) => `Note: ${notice}`),
  ];
}
