import type { Command, Json } from '../command.ts';
import { historyLines, readHistory } from '../history.ts';
import { lake, limit, stack } from '../options.ts';
import { openLakeHere } from '../pipeline.ts';
import { withPlaces } from '../stack/inStack.ts';

export const historyCommand: Command = {
  name: 'history',
  description: 'the versions of the lake, the newest first: when the source was read, by which run, how many rows',
  options: [lake(), limit(), stack()],
  examples: ['totes history --lake ./lake', 'totes history --stack terraform --limit 100'],
  async run(options: Json & { lake: string; limit: number; stack?: string }, { print }) {
    const { lake } = await withPlaces(options);
    const versions = await readHistory(await openLakeHere(lake), options.limit);
    print(options, { versions }, () => historyLines(versions));
    return true;
  },
};
