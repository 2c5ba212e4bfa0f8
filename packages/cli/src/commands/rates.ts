import { newRunId } from '@totes/core';
import { rates, usualSource } from '@totes/rates';
import { fromCallersFolder } from '../callersFolder.ts';
import type { Command, Json } from '../command.ts';
import { lake, ratesFrom } from '../options.ts';
import { formatNumber } from '../output.ts';
import { openLakeHere } from '../pipeline.ts';
import { codeVersion } from '../release.ts';

const command: Command = {
  name: 'rates',
  description: 'bring exchange rates of the ECB into the lake; the next run loads them',
  options: [lake(), ratesFrom(usualSource)],
  examples: [
    'totes rates --lake ./lake',
    'totes rates --lake ./lake --from https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.xml',
    'totes rates --lake s3://raw-bucket,s3://processed-bucket --from eurofxref-daily.xml',
  ],
  async run({ lake, from, ...options }: Json & { lake: string; from: string }, { print }) {
    const { raw } = await openLakeHere(lake);
    const result = await rates({
      raw: raw.store,
      from: from.includes('://') ? from : fromCallersFolder(from),
      runId: newRunId(new Date()),
      codeVersion,
      now: () => new Date(),
    });
    print(options, result, () => [
      `${formatNumber(result.read)} exchange rates up to ${result.newestDay}, ` +
        (result.committed
          ? `${formatNumber(result.rates)} new: \`totes run\` loads them.`
          : 'none that the lake does not have.'),
      ...result.notices.map((notice) => `Note: ${notice}`),
    ]);
    return true;
  },
};

export const ratesCommands = [command];
