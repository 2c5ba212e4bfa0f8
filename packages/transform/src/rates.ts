import {
  LakeCorrupt,
  ratesLog,
  ratesTable,
  starTable,
  takeRows,
  type Batch,
  type FixedColumn,
  type ObjectStore,
  type Projected,
} from '@totes/core';
import { rawRows } from './rawRows.ts';

const { columns, key } = starTable(ratesTable);
const keyColumn = columns.findIndex(({ name }) => name === key);

/** The columns as the object of an entry has them: it is CSV with the columns of the dimension. */
const projection: readonly Projected[] = columns.map(({ name, type, nullable }) => ({
  name,
  type,
  nullable,
  source: name,
  reading: type.kind === 'date' ? 'parsedDate' : 'value',
}));

/**
 * The exchange rates that the entries after `before`, up to `newest`, bring: of one that several bring, the newest.
 *
 * @throws LakeCorrupt where an entry is missing, or its object is not what it is to be; LakeUnavailable, LakeRefused
 */
export async function newRates(raw: ObjectStore, before: number, newest: number): Promise<Batch[]> {
  const log = ratesLog(raw);
  const batches: Batch[] = [];
  const places = new Map<number, { readonly batch: number; readonly row: number }>();
  for (let entry = before + 1; entry <= newest; entry++) {
    const { object } = await log.read(entry);
    for await (const { batch } of rawRows(raw, { format: 'csv', columns: [], objects: [object] }, projection)) {
      const [fault] = batch.faults;
      if (fault !== undefined) throw new LakeCorrupt(`${raw.uri}/${object.key}, row ${fault.row + 1}: ${fault.reason}`);
      for (const [row, id] of (batch.columns[keyColumn] as FixedColumn).values.entries()) {
        places.set(id, { batch: batches.length, row });
      }
      batches.push(batch);
    }
  }
  const rows = batches.map((): number[] => []);
  for (const { batch, row } of places.values()) rows[batch]!.push(row);
  return batches.map((batch, i) => takeRows(batch, Int32Array.from(rows[i]!)));
}
