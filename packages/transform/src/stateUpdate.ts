import { IdSet, type Batch } from '@totes/core';
import { keptRows } from './star/check.ts';
import { stateRules } from './star/rules.ts';
import type { StateTable } from './star/stateTable.ts';
import type { VersionRows } from './versionRows.ts';

/** A state table as a version leaves it, and the ids of its rows that changed. The tables that it joins come before it. */
export async function updateState(
  source: string,
  tables: ReadonlyMap<string, StateTable>,
  rows: VersionRows,
): Promise<{ readonly table: StateTable; readonly changed: IdSet }> {
  const rules = stateRules(source, tables);
  const changes: Batch[] = [];
  const changed = new IdSet();
  for await (const { batch, problems } of rows.arrived(rules, changed)) {
    // A row whose partner is missing stays in the state, so that the partner's arrival completes it.
    changes.push(keptRows(batch, problems, ({ kind }) => kind === 'partner'));
  }
  for await (const { batch, problems } of rows.again(rules, 'waiting', changed)) {
    changes.push(keptRows(batch, problems));
  }
  const table = tables.get(source)!;
  const isChanged = changes.some((batch) => batch.rows > 0);
  return { table: isChanged ? table.upsert(changes) : table, changed };
}
