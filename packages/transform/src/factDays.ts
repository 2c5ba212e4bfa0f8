import { IdSet, dateFromDays, type Batch, type FixedColumn, type StarTable } from '@totes/core';
import { calendar } from './star/calendar.ts';

/** The days that the facts of one version point at. */
export class FactDays {
  /** As days since 1970-01-01. */
  readonly ids = new IdSet();

  /** Takes in the days of a fact's rows. */
  collect(table: StarTable, { columns }: Batch): void {
    table.columns.forEach(({ references }, i) => {
      if (references !== 'dim_date') return;
      for (const day of (columns[i] as FixedColumn).values) this.ids.add(day);
    });
  }

  /** The rows of dim_date for all days of the years that are not covered yet, which are covered then. */
  calendar(covered: IdSet): Batch {
    const years = IdSet.of(Array.from(this.ids, (day) => dateFromDays(day).year));
    const added = [...years].filter((year) => !covered.has(year));
    for (const year of added) covered.add(year);
    return calendar(added);
  }
}
