import { count, type Observation, type Warning } from '@totes/core/lambda';
import type { TableResult, VerifyResult } from './result.ts';

/**
 * What the log and the metrics tell of a comparison. A warning is what another run does not mend by itself; rows that the
 * next one brings anyhow, and those that are set aside and still in the source, are none.
 */
export function observe(result: VerifyResult): Observation {
  const { version, equal, compared, tables, settled, gone, keys, truncated } = result;
  const { missing, extra, altered, stale } = settled;
  const differing = missing + extra + altered + stale;
  const asked = Object.fromEntries(Object.entries(keys).map(([table, of]) => [table, of.length]));
  return {
    version,
    fields: { equal, compared, rows: rowsOf(tables), asked, truncated },
    warnings: [
      ...(differing > 0
        ? [{ message: 'source and warehouse differ', fields: { ...settled, tables: differences(tables) } }]
        : []),
      ...Object.entries(gone).map(([table, { rows }]): Warning => ({
        message: 'rows that are set aside are gone from the source',
        fields: { table, rows },
      })),
    ],
    metrics: [
      count('RowsMissing', missing),
      count('RowsExtra', extra),
      count('RowsAltered', altered),
      count('RowsStale', stale),
      count('RowsDiffering', differing),
    ],
  };
}

type Tables = Readonly<Record<string, TableResult>>;

const rowsOf = (tables: Tables): Record<string, number> =>
  Object.fromEntries(Object.entries(tables).map(([table, { rows }]) => [table, rows]));

/** The counts of each table that differs. Those that are pending are among the others. */
const differences = (tables: Tables): Record<string, object> =>
  Object.fromEntries(
    Object.entries(tables)
      .filter(([, { missing, extra, altered, stale }]) => missing + extra + altered + stale > 0)
      .map(([table, { missing, extra, altered, stale, pending }]) => [
        table,
        { missing, extra, altered, stale, pending },
      ]),
  );
