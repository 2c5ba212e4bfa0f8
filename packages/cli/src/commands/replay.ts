import { WarehouseUnavailable } from '@totes/core';
import type { Command, Json } from '../command.ts';
import { fromRaw, lake, replaceOtherLake, schema, stack, warehouse } from '../options.ts';
import { formatNumber, rowLines } from '../output.ts';
import { runReplay, type ReplayInput } from '../replay.ts';
import { withPlaces } from '../stack/inStack.ts';

const replay: Command = {
  name: 'replay',
  description: 'rebuild the warehouse from the lake beside the one in use, and swap them in one transaction',
  options: [lake(), warehouse(), schema(), fromRaw(), replaceOtherLake(), stack()],
  examples: [
    'totes replay --lake ./lake --warehouse postgres://loader@warehouse.example/analytics',
    'totes replay --lake ./lake --warehouse secret:warehouse --from-raw',
    'totes replay --stack terraform',
  ],
  async run(options: ReplayInput & Json & { stack?: string }, { print, progress }) {
    const result = await runReplay(await withPlaces(options), progress).catch((error: unknown) => {
      throw options.stack === undefined ? error : fromHere(error);
    });
    print(options, result, () => [
      `Warehouse rebuilt from ${formatNumber(result.versions.length)} versions, now at version ${result.version}.`,
      ...rowLines(result.loaded, 'loaded'),
    ]);
    return true;
  },
};

/** A warehouse in AWS often answers inside its network alone. */
const fromHere = (error: unknown): unknown =>
  error instanceof WarehouseUnavailable
    ? new WarehouseUnavailable(
        `${error.message}; a replay connects to the warehouse from where it runs: ` +
          'if the warehouse is in a VPC, run the command on a machine inside that',
        { cause: error },
      )
    : error;

export const replayCommands = [replay];
