import { newRunId, readOpenRows, requestLook, type OpenRow } from '@totes/core';
import type { Command, Json } from '../command.ts';
import { all, ingestOptionsIfAny, key, lake, schema, stack, tableName, warehouseIfAny } from '../options.ts';
import { formatNumber, table } from '../output.ts';
import { openLakeHere, runPipeline, type IngestInput } from '../pipeline.ts';
import { withPlaces } from '../stack/inStack.ts';
import { shellWord } from '../shell.ts';
import { runLines } from './stages.ts';

interface Choice {
  readonly lake: string;
  readonly table?: string;
  readonly key?: number;
  readonly all?: true;
  readonly stack?: string;
}

/** The rows set aside at the head of the processed log that the options ask for, the oldest first. */
async function openRows(choice: Choice): Promise<OpenRow[]> {
  const { lake, table, key, all } = await withPlaces(choice);
  const { processed } = await openLakeHere(lake);
  const head = await processed.log.head();
  const rows = await readOpenRows(processed.store, head === 0 ? undefined : await processed.log.read(head));
  return rows.filter(
    (row) =>
      (all === true || row.status === 'waiting') &&
      (table === undefined || row.table === table) &&
      (key === undefined || row.key === key),
  );
}

const list: Command = {
  name: 'quarantine list',
  description: 'the rows that the warehouse lacks because they break a rule, each with its reason',
  options: [lake(), tableName(), all(), stack()],
  examples: ['totes quarantine list --lake ./lake', 'totes quarantine list --stack terraform --table sales_order'],
  async run(options: Choice & Json, { print }) {
    const rows = (await openRows(options)).map(({ table, key, version, object, row, reason, status }) => {
      return { table, key, version, object, row, reason, status };
    });
    print(options, { rows }, () =>
      rows.length === 0
        ? ['No row is set aside.']
        : table(
            ['table', 'key', 'version', 'reason', 'status'],
            rows.map((row) => [row.table, String(row.key ?? '?'), String(row.version), row.reason, row.status]),
          ),
    );
    return true;
  },
};

const show: Command = {
  name: 'quarantine show',
  description: 'rows that are set aside, whole: where they stand in the lake and every value',
  options: [lake(), tableName(), key(), all(), stack()],
  examples: [
    'totes quarantine show --lake ./lake --table sales_order --key 42',
    'totes quarantine show --stack terraform --all --json',
  ],
  async run(options: Choice & Json, { print }) {
    const rows = await openRows(options);
    print(options, { rows }, () =>
      rows.length === 0
        ? ['No such row is set aside.']
        : rows.flatMap((row, i) => [
            ...(i > 0 ? [''] : []),
            `${row.table} ${row.key ?? '(no key)'}, ${row.status}: ${row.reason}`,
            `version ${row.version}, row ${formatNumber(row.row)} of ${row.object}`,
            row.raw.trimEnd(),
          ]),
    );
    return true;
  },
};

type RetryOptions = Json & { readonly lake: string; readonly schema: string; readonly warehouse?: string } & Omit<
    IngestInput,
    'source'
  > & { readonly source?: string; readonly stack?: string };

const retry: Command = {
  name: 'quarantine retry',
  description:
    'try all rows again that are set aside, each for its own place in history: at once where --source and --warehouse are given, else with the next run',
  options: [...ingestOptionsIfAny(), warehouseIfAny(), schema(), stack()],
  examples: [
    'totes quarantine retry --lake ./lake',
    'totes quarantine retry --lake ./lake --source secret:totesys --warehouse secret:warehouse',
    'totes quarantine retry --stack terraform',
  ],
  async run(options: RetryOptions, { print, progress }) {
    const { source, warehouse } = options;
    const { raw } = await openLakeHere((await withPlaces(options)).lake);
    const wanted = { requestedBy: 'quarantine retry', retry: true } as const;
    const request = await requestLook(raw.store, wanted, { runId: newRunId(new Date()), now: new Date() });
    if (source === undefined || warehouse === undefined) {
      print(options, { request }, () => [`Request ${request} is in the lake; the next run tries the rows again.`]);
      return true;
    }
    const result = await runPipeline({ ...options, source, warehouse }, progress);
    print(options, { request, ...result }, () => runLines(result, `--lake ${shellWord(options.lake)}`));
    return true;
  },
};

export const quarantineCommands = [list, show, retry];
