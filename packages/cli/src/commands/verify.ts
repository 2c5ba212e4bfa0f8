import { ConfigInvalid } from '@totes/core';
import type { VerifyResult } from '@totes/verify';
import type { Command, Json, Output } from '../command.ts';
import { untilInterrupted } from '../interrupted.ts';
import { heal, lakeIfAny, readOptions, schema, source, stack, warehouse } from '../options.ts';
import { formatNumber, formatSeconds, table } from '../output.ts';
import { openStack } from '../stack/openStack.ts';
import { compareInStack, healInStack } from '../stack/verify.ts';
import { needsReplay, runHeal, runVerify, type HealInput, type Healed } from '../verify.ts';

type Options = Omit<HealInput, 'lake'> &
  Json & { readonly lake?: string; readonly heal?: true; readonly stack?: string };

const verify: Command = {
  name: 'verify',
  description: 'compare the warehouse with the source, row by row (hashes first); exit code 1 where they differ',
  options: [source(), warehouse(), schema(), lakeIfAny(), heal(), ...readOptions(), stack()],
  examples: [
    'totes verify --source secret:totesys --warehouse secret:warehouse --lake ./lake',
    'totes verify --source secret:totesys --warehouse secret:warehouse --lake ./lake --heal',
    'totes verify --stack terraform --heal',
  ],
  async run({ json, heal: wanted, stack: place, ...options }: Options, output) {
    const work = place === undefined ? here(options, output) : await inStack(place, output);
    const found = await work.compare();
    if (wanted !== true || found.equal) {
      output.print({ ...(json && { json }) }, found, () => verifyLines(found));
      return found.equal;
    }
    const { left, versions } = await work.heal(found);
    output.print({ ...(json && { json }) }, { ...left, found, versions }, () => [
      ...verifyLines(found),
      ...(versions.length > 0
        ? ['', `The rows at fault were read again, as version ${versions.join(', ')}. Then:`, ...verifyLines(left)]
        : []),
      ...(needsReplay(left) ? ['', replayAdvice] : []),
    ]);
    return left.equal;
  },
};

/** Compares and heals, wherever that is done. */
interface Work {
  readonly compare: () => Promise<VerifyResult>;
  readonly heal: (found: VerifyResult) => Promise<Healed>;
}

const here = (options: Options, { progress }: Output): Work => ({
  compare: () =>
    runVerify(options, (name, rows) => {
      progress('verify', name, rows);
    }),
  heal(found) {
    const { lake } = options;
    if (lake === undefined) throw new ConfigInvalid('--heal needs --lake: what is read again goes through the lake');
    return runHeal({ ...options, lake }, found, progress);
  },
});

async function inStack(place: string, { terminal }: Output): Promise<Work> {
  const stack = await openStack(place);
  return {
    compare: () => compareInStack(stack),
    heal: (found) => untilInterrupted((signal) => healInStack(stack, found, terminal.error, signal)),
  };
}

export const verifyCommands = [verify];

const replayAdvice =
  'Reading rows again does not mend what is left. If it stays so, run `totes replay`, which builds the warehouse anew from the lake.';

/** What verify found, for people. */
function verifyLines(result: VerifyResult): string[] {
  const rows = `${formatNumber(result.compared)} rows of the source, ${formatSeconds(result.seconds)}`;
  if (result.equal) {
    return [`Equal: warehouse version ${result.version} shows all ${rows}.`, ...unjudgedLines(result)];
  }
  return [
    `Differs: warehouse version ${result.version}, ${rows}.`,
    ...differenceLines(result),
    ...goneLines(result),
    ...unjudgedLines(result),
  ];
}

function differenceLines({ tables }: VerifyResult): string[] {
  const differing = Object.entries(tables).filter(([, { sample }]) => sample.length > 0);
  if (differing.length === 0) return [];
  return [
    ...table(
      ['', 'missing', 'extra', 'altered', 'stale', 'set aside', 'changed since the load'],
      differing.map(([name, { missing, extra, altered, stale, setAside, pending }]) => [
        name,
        missing,
        extra,
        altered,
        stale,
        setAside,
        pending,
      ]),
    ),
    ...differing.flatMap(([name, { sample }]) =>
      sample.map(({ key, kind, columns }) => {
        const where = columns.length > 0 ? ` in ${columns.join(', ')}` : '';
        return `${name} ${key}: ${kind === 'setAside' ? 'set aside' : kind}${where}`;
      }),
    ),
  ];
}

const goneLines = ({ gone }: VerifyResult): string[] =>
  Object.entries(gone).flatMap(([name, { rows, keys }]) => [
    ...keys.map((key) => `${name} ${key}: set aside, and not in the source any more`),
    ...(rows > keys.length ? [`${name}: ${formatNumber(rows - keys.length)} more like that`] : []),
  ]);

const unjudgedLines = ({ tables }: VerifyResult): string[] =>
  Object.entries(tables)
    .filter(([, { unjudged }]) => unjudged > 0)
    .map(
      ([name, { unjudged }]) =>
        `${name}: not compared are rows that join one which the source lacks, ${formatNumber(unjudged)} of them`,
    );
