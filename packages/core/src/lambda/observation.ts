/** Something that a person should know though the call did its work: one line in the log. */
export interface Warning {
  /** The same for all of a kind, so that they can be counted. */
  readonly message: string;
  /** What differs from one to the next. Neither secrets nor values of rows. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** One value of a metric of the function, or of one table of the function. */
export interface Measurement {
  readonly name: string;
  readonly unit: 'Bytes' | 'Count' | 'Percent' | 'Seconds';
  readonly value: number;
  readonly table?: string;
}

/** What the log and the metrics tell of a call that did its work. */
export interface Observation {
  /** The version of the lake that the stage is at. */
  readonly version: number;
  /** What else the last line tells. Neither secrets nor values of rows. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly warnings: readonly Warning[];
  readonly metrics: readonly Measurement[];
}

/** Rows by table without the tables that have none. */
export const withRows = (rows: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(rows).filter(([, count]) => count > 0));

/** A metric of each table that has rows: every table and name is a metric that CloudWatch charges for. */
export const rowsByTable = (name: string, rows: Readonly<Record<string, number>>): Measurement[] =>
  Object.entries(withRows(rows)).map(([table, value]) => ({ name, unit: 'Count', value, table }));

/** A count of the function as a whole. */
export const count = (name: string, value: number): Measurement => ({ name, unit: 'Count', value });
