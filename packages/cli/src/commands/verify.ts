import { ConfigInvalid } from '@totes/core';
import type { VerifyResult } from '@totes/verify';
import type { Command, Json } from '../command.ts';
import { heal, lakeIfAny, readOptions, schema, source, warehouse } from '../options.ts';
import { formatNumber, formatSeconds, table } from '../output.ts';
import { needsReplay, runHeal, runVerify, type HealInput } from '../verify.ts';

type Options = Omit<HealInput, 'lake'> & Json & { readonly lake?: string; readonly heal?: true };

const verify: Command = {
  name: 'verify',
  description: 'compare the warehouse with the source, row by row (hashes first); exit code 1 where they differ',
  options: [source(), warehouse(), schema(), lakeIfAny(), heal(), ...readOptions()],
  async run({ json, heal: wanted, ...options }: Options, { print, progress }) {
    const onProgress = (name: string, rows: number): void => {
      progress('verify', name, rows);
    };
    const found = await runVerify(options, onProgress);
    if (wanted !== true || found.equal) {
      print({ ...(json && { json }) }, found, () => verifyLines(found));
      return found.equal;
    }
    const { lake } = options;
    if (lake === undefined) throw new ConfigInvalid('--heal needs --lake: what is read again goes through the lake');
    const { left, versions } = await runHeal({ ...options, lake }, found, progress);
    print({ ...(json && { json }) }, { ...left, found, versions }, () => [
      ...verifyLines(found),
      ...(versions.length > 0
        ? ['', `The rows at fault were read again, as version ${versions.join(', ')}. Then:`, ...verifyLines(left)]
        : []),
      ...(needsReplay(left) ? ['', replayAdvice] : []),
    ]);
    return left.equal;
  },
};

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
