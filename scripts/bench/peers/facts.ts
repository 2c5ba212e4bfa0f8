/** What the programs do as they are set up here, beside moving rows, by their own manuals. */
export const facts = {
  programs: ['totes', 'Sling', 'DuckDB', 'dlt', 'pandas'],
  rows: [
    ['models a star', 'yes', 'no', 'no', 'no', 'yes, the script does'],
    ['keeps what it read as files', 'yes, raw rows and Parquet', 'no', 'no', 'yes, as `INSERT` or CSV files', 'no'],
    ['writes a log of loads', 'yes, in the lake and the warehouse', 'no', 'no', 'yes, `_dlt_loads`', 'no'],
    ['reads the source at one moment', 'yes', 'no', 'yes', 'no', 'no'],
    ['whole load seen at once', 'yes', 'table by table', 'yes', 'table by table', 'yes'],
    [
      'moves changes later',
      'yes, by transaction ids',
      'not here; can by a column such as `last_updated`',
      'no',
      'not here; can by a column such as `last_updated`',
      'no',
    ],
    ['notices rows deleted', 'yes, `totes verify`', 'no', 'no', 'no', 'no'],
    ['keeps the history of rows', 'yes, of facts', 'no', 'no', 'no', 'no'],
    ['sets aside rows that break a rule', 'yes', 'no', 'no', 'no', 'no'],
  ],
} as const;
