import { ConfigInvalid } from '@totes/core';
import type { VerifyResult } from '@totes/verify';
import type { Command, Json } from '../command.ts';
import { heal, lakeIfAny, schema, source, sourceSchema, warehouse } from '../options.ts';
import { formatNumber, formatSeconds, table } from '../output.ts';
import { runHeal, runVerify, type VerifyInput } from '../verify.ts';

type Options = Omit<VerifyInput, 'lake'> & Json & { readonly lake?: string; readonly heal?: true };

const verify: Command = {
  name: 'verify',
  description: 'compare the warehouse with the source, row by row (hashes first); exit code 1 where they differ',
  options: [source(), warehouse(), schema(), sourceSchema(), lakeIfAny(), heal()],
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
      '',
      `The rows at fault were read again, as version ${versions.join(', ')}. Then:`,
      ...verifyLines(left),
    ]);
    return left.equal;
  },
};

export const verifyCommands = [verify];

/** What verify found, for people. */
function verifyLines(result: VerifyResult): string[] {
  const rows = `${formatNumber(result.compared)} rows of the source, ${formatSeconds(result.seconds)}`;
  if (result.equal) return [`Equal: warehouse version ${result.version} shows all ${rows}.`];
  const differing = Object.entries(result.tables).filter(
    ([, { missing, extra, altered, stale, setAside }]) => missing + extra + altered + stale + setAside > 0,
  );
  return [
    `Differs: warehouse version ${result.version}, ${rows}.`,
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
