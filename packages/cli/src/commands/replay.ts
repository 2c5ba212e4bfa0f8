import type { Command, Json } from '../command.ts';
import { fromRaw, lake, replaceOtherLake, schema, warehouse } from '../options.ts';
import { formatNumber, rowLines } from '../output.ts';
import { runReplay, type ReplayInput } from '../replay.ts';

const replay: Command = {
  name: 'replay',
  description: 'rebuild the warehouse from the lake beside the one in use, and swap them in one transaction',
  options: [lake(), warehouse(), schema(), fromRaw(), replaceOtherLake()],
  async run(options: ReplayInput & Json, { print, progress }) {
    const result = await runReplay(options, progress);
    print(options, result, () => [
      `Warehouse rebuilt from ${formatNumber(result.versions.length)} versions, now at version ${result.version}.`,
      ...rowLines(result.loaded, 'loaded'),
    ]);
    return true;
  },
};

export const replayCommands = [replay];
