import type { Bundled } from './bundles.ts';
import { dollarsOfBytes, dollarsOfFunctions, dollarsOfRun, runsOfMonth, type Requests } from './cost.ts';
import type { Machine } from './machine.ts';
import type { RequestsOfRuns } from './measure.ts';
import { median, ofRun, ofStage, stages, type Run, type Size } from './results.ts';
import { count, type Promised } from './verdict.ts';

/** What was measured. */
export interface Measured {
  readonly sizes: readonly Size[];
  readonly requests: RequestsOfRuns;
  readonly bundles: readonly Bundled[];
  readonly promised: readonly Promised[];
}

/** The page of figures, as it stands in docs/benchmarks.md. */
export function markdown(machine: Machine, { sizes, requests, bundles, promised }: Measured): string {
  return [
    '# Benchmarks',
    '',
    '`./scripts/pnpm bench` wrote this page. It builds the functions as they go to Lambda, runs each in a process of its own',
    'against a PostgreSQL server that holds both databases, and a lake in a folder; all of them share the cores of one machine.',
    'A figure is the median of its runs, which alternate with those that it is compared with. Memory is the most that a',
    'process ever had, its imports included.',
    '',
    `Measured on ${machine.cores} × ${machine.processor}, ${machine.memoryGigabytes} GB; Node ${machine.node}, ${machine.postgres}.`,
    '',
    '## What is promised',
    '',
    ...rows(
      ['promise', 'measured', 'kept'],
      promised.map(({ what, seen, kept }) => [what, seen, kept ? 'yes' : '**no**']),
    ),
    '',
    '## First loads',
    '',
    'From an empty lake and an empty warehouse. The limit is `psql`: `COPY … TO STDOUT` piped into `COPY … FROM STDIN`, into',
    'tables with the keys of the source, and into tables that get theirs afterwards. It has no star, no history and no lake.',
    '',
    ...sizes.flatMap(firstLoad),
    '## Small changes',
    '',
    'On warm functions, as a schedule calls them: all three stages, one after the other.',
    '',
    ...rows(
      [
        'orders',
        'what changed',
        'runs',
        'seconds',
        ...stages.map((stage) => `${stage}, s`),
        'CPU, s',
        'peak memory, MB',
      ],
      sizes.flatMap(({ orders, deltas }) =>
        Object.entries(deltas).map(([what, runs]) => [
          count(orders),
          changed[what] ?? what,
          String(runs.length),
          ofRun(runs, 'seconds').toFixed(2),
          ...stages.map((stage) => ofStage(runs, stage, 'seconds').toFixed(2)),
          ofRun(runs, 'cpuSeconds').toFixed(2),
          count(Math.max(...stages.map((stage) => ofStage(runs, stage, 'peakMegabytes')))),
        ]),
      ),
    ),
    '',
    '## What it costs in AWS',
    '',
    'These seconds, bytes and requests at list prices of us-east-1, in dollars: functions on arm64 with the memory that Terraform gives',
    'them, hence their share of a core; the state machine; S3. A month has a run every five minutes, of which all change nothing, or all',
    `change 100 rows. Requests of such a run: ${ofRequests(requests.nothing)}; ${ofRequests(requests.hundred)}. The rest of the bill: [docs/scale.md](scale.md).`,
    '',
    ...rows(
      ['orders', 'first load, functions', 'a month of runs, no change', '100 rows each', "the lake's bytes, a month"],
      sizes.map(({ orders, first, deltas, bytes }) => [
        count(orders),
        dollarsOfFunctions(first).toFixed(4),
        dollarsOfMonth(deltas.nothing, requests.nothing),
        dollarsOfMonth(deltas.hundred, requests.hundred),
        dollarsOfBytes(bytes.raw + bytes.processed).toFixed(4),
      ]),
    ),
    '',
    '## The functions',
    '',
    'What Lambda fetches, and how long a new process takes to load it: what a cold start adds. `replay` is transform and load in',
    'one, with all that both need; it is called by a person, who waits minutes for it, and by no schedule.',
    '',
    ...rows(
      ['function', 'zip, MB', 'loads in, ms'],
      bundles.map(({ stage, zipBytes, importMilliseconds }) => [
        stage,
        (zipBytes / 1e6).toFixed(2),
        count(importMilliseconds),
      ]),
    ),
    '',
  ].join('\n');
}

const ofRequests = ({ writes, reads }: Requests): string => `${writes} writes or lists and ${reads} reads`;

const dollarsOfMonth = (runs: readonly Run[] | undefined, requests: Requests): string =>
  runs === undefined ? '' : (runsOfMonth * dollarsOfRun(runs, requests)).toFixed(2);

const changed: Readonly<Record<string, string>> = {
  nothing: 'nothing',
  two: '2 rows',
  hundred: '100 rows',
};

function firstLoad({ orders, rows: moved, first, limits, bytes }: Size): string[] {
  const line = (name: string, runs: readonly Run[], stage: (typeof stages)[number]): string[] => {
    const seconds = ofStage(runs, stage, 'seconds');
    return [
      name,
      seconds.toFixed(2),
      count(moved / seconds),
      ofStage(runs, stage, 'cpuSeconds').toFixed(2),
      count(ofStage(runs, stage, 'peakMegabytes')),
    ];
  };
  const whole = ofRun(first, 'seconds');
  const limit = (name: string, seconds: number): string[] => [
    `${name}; the pipeline takes ${(whole / seconds).toFixed(2)} ×`,
    seconds.toFixed(2),
    count(moved / seconds),
    '',
    '',
  ];
  return [
    `### ${count(orders)} sales orders, ${count(moved)} rows`,
    '',
    ...rows(
      ['', 'seconds', 'rows/s', 'CPU, s', 'peak memory, MB'],
      [
        ...stages.map((stage) => line(stage, first, stage)),
        [
          '**together**',
          `**${whole.toFixed(2)}**`,
          `**${count(moved / whole)}**`,
          ofRun(first, 'cpuSeconds').toFixed(2),
          '',
        ],
        ...(limits.length === 0
          ? []
          : [
              limit('`psql`, keys kept', median(limits.map(({ kept }) => kept))),
              limit('`psql`, keys made afterwards', median(limits.map(({ afterwards }) => afterwards))),
            ]),
      ],
    ),
    '',
    `${first.length === 1 ? 'One run' : `Medians of ${first.length} runs`}. The lake has ${megabytes(bytes.raw)} of raw rows and ${megabytes(bytes.processed)} of Parquet then, the warehouse ${megabytes(bytes.warehouse)}.`,
    '',
  ];
}

const megabytes = (bytes: number): string => `${count(bytes / 1e6)} MB`;

function rows(head: readonly string[], body: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...body.map(line)];
}
