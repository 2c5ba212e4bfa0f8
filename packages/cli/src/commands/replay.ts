import type { Command, Json } from '../command.ts';
import { fromRaw, lake, replaceOtherLake, schema, stack, warehouse, workers } from '../options.ts';
import { formatNumber, rowLines } from '../output.ts';
import { replayHere, type ReplayInput } from '../replay.ts';
import { openStack } from '../stack/openStack.ts';
import { replayInStack } from '../stack/replay.ts';

const replay: Command = {
  name: 'replay',
  description: 'rebuild the warehouse from the lake beside the one in use, and swap them in one transaction',
  options: [lake(), warehouse(), schema(), fromRaw(), workers(), replaceOtherLake(), stack()],
  examples: [
    'totes replay --lake ./lake --warehouse postgres://loader@warehouse.example/analytics',
    'totes replay --lake ./lake --warehouse secret:warehouse --from-raw',
    'totes replay --stack terraform --from-raw',
  ],
  async run(options: ReplayInput & Json & { stack?: string }, { print, progress, terminal }) {
    const result =
      options.stack === undefined
        ? await replayHere(options, progress)
        : await replayInStack(await openStack(options.stack), options, terminal.error);
    print(options, result, () => [
      `Warehouse rebuilt from ${formatNumber(result.versions.length)} versions, now at version ${result.version}.`,
      ...rowLines(result.loaded, 'loaded'),
    ]);
    return true;
  },
};

export const replayCommands = [replay];
