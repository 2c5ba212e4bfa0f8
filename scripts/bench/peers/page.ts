import type { Machine } from '../machine.ts';
import { median } from '../results.ts';
import { count } from '../verdict.ts';
import type { Comparison, Runs } from './compare.ts';
import { facts } from './facts.ts';
import type { Outcome, Took } from './measured.ts';
import { title } from './programs.ts';
import type { Left } from './target.ts';

/** The page of figures, as it stands in docs/benchmarks-peers.md. */
export function page(
  machine: Machine,
  versions: Readonly<Record<string, string>>,
  comparisons: readonly Comparison[],
): string {
  const all = (comparisons.at(-1)?.programs ?? []).map(({ program }) => ({
    program,
    left: comparisons
      .flatMap(({ programs }) => programs.filter((each) => each.program === program))
      .findLast(({ left }) => left)?.left,
  }));
  return [
    '# Beside other programs',
    '',
    '`./scripts/pnpm bench:peers --write` wrote this page. Each program fills an empty database from the same generated totesys on',
    'the same server. Time is that of the whole process, its start included; CPU and memory are those of the program and what it',
    'starts, not of the server. Programs take turns; figures are medians. Afterwards PostgreSQL counts the rows of each table:',
    'a program that lost or doubled any has no figures here.',
    '',
    'The programs do different work: read the figures with the tables below them.',
    '',
    `Measured on ${machine.cores} × ${machine.processor}, ${machine.memoryGigabytes} GB; Node ${machine.node}, ${machine.postgres}.`,
    '',
    '## First loads',
    '',
    ...comparisons.flatMap(figures),
    '## What was left, as the catalog of the target has it',
    '',
    ...table(
      ['', 'tables', 'primary keys', 'foreign keys', 'type of amounts'],
      all.map(({ program, left }) => [
        title(program),
        program.star ? 'a star' : 'those of the source',
        ...remains(left),
      ]),
    ),
    '',
    'The source has 11 primary keys and 17 foreign keys; its amounts are `numeric`.',
    '',
    '## What they do besides',
    '',
    'As set up here. What a program can be set up or programmed to do beyond that is not counted.',
    '',
    ...table(['', ...facts.programs], facts.rows),
    '',
    '## How they were set up',
    '',
    ...all.map(({ program }) => `- **${title(program, versionOf(program.packages, versions))}**: ${program.setting}.`),
    '',
  ].join('\n');
}

function figures({ orders, rows, programs }: Comparison): string[] {
  return [
    `### ${count(orders)} sales orders, ${count(rows)} rows`,
    '',
    ...table(
      ['', 'runs', 'seconds', 'rows/s', 'CPU, s', 'peak memory, MB'],
      programs.map((each) => [title(each.program), ...cells(each, rows)]),
    ),
    '',
  ];
}

function cells({ outcomes }: Runs, rows: number): string[] {
  const without = outcomes.find((each) => each.kind !== 'done');
  if (without !== undefined) return ['', instead(without), '', '', ''];
  const of = (quantity: keyof Took): number =>
    median(outcomes.flatMap((each) => (each.kind === 'done' ? [each.took[quantity]] : [])));
  return [
    String(outcomes.length),
    of('seconds').toFixed(2),
    count(rows / of('seconds')),
    of('cpuSeconds').toFixed(2),
    count(of('peakMegabytes')),
  ];
}

function instead(outcome: Exclude<Outcome, { kind: 'done' }>): string {
  switch (outcome.kind) {
    case 'late':
      return `more than ${count(outcome.limitSeconds)}`;
    case 'skipped':
      return `skipped: ${outcome.why}`;
    case 'failed':
      return 'failed';
  }
}

const remains = (left: Left | undefined): string[] =>
  left === undefined
    ? ['', '', '']
    : [String(left.primaryKeys), String(left.foreignKeys), left.amounts.map((type) => `\`${type}\``).join(', ')];

const versionOf = (packages: readonly string[], versions: Readonly<Record<string, string>>): string | undefined =>
  packages.map((name) => versions[name]).find((version) => version !== undefined);

function table(head: readonly string[], body: readonly (readonly string[])[]): string[] {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...body.map(line)];
}
