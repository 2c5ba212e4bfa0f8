import { duckDbScript, objectsInForce } from '@totes/core';
import type { Command, Json } from '../command.ts';
import { lake, stack } from '../options.ts';
import { openLakeHere } from '../pipeline.ts';
import { withPlaces } from '../stack/inStack.ts';

export const sqlCommand: Command = {
  name: 'sql',
  description: "print SQL that makes the lake's tables in DuckDB, as they are now",
  options: [lake(), stack()],
  examples: ['totes sql --lake ./lake > lake.sql', 'totes sql --stack terraform > lake.sql'],
  async run(options: Json & { lake: string; stack?: string }, { print }) {
    const { lake } = await withPlaces(options);
    const { processed } = await openLakeHere(lake);
    const { head, objects } = await objectsInForce(processed);
    const sql = duckDbScript(processed.store.uri, objects);
    print(options, { version: head, sql }, () => [
      `-- The tables of ${processed.store.uri} at version ${head}.\n\n${sql}`,
    ]);
    return true;
  },
};
