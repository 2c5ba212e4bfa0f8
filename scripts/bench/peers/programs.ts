import { join } from 'node:path';
import type { TableName } from '../../../packages/cli/src/sampleData/totesys.ts';

const root = join(import.meta.dirname, '../../..');

/** Where a program works. */
export interface Place {
  /** The URL of the source. */
  readonly source: string;
  /** The URL of an empty database. */
  readonly target: string;
  /** Folder of its own, empty. */
  readonly folder: string;
  /** The bin folder of the Python environment that has the programs. */
  readonly python: string;
  /** The source's tables. */
  readonly tables: readonly TableName[];
}

/** A program that fills a warehouse from the source. */
export interface Program {
  readonly name: string;
  /** What tells it from another setting of the same program. */
  readonly variant?: string;
  /** Its packages on PyPI, the one with its version first; none where it is this project. */
  readonly packages: readonly string[];
  /** What it was told, in words. */
  readonly setting: string;
  /** Takes many minutes for a million orders, where another setting of the same program does not. */
  readonly slow?: true;
  /** Whether its target is a star, and not the source's tables. */
  readonly star: boolean;
  readonly command: (place: Place) => readonly string[];
}

const script = ({ python }: Place, name: string, ...parameters: string[]): string[] => [
  join(python, 'python'),
  join(import.meta.dirname, name),
  ...parameters,
];

const totes: Program = {
  name: 'totes',
  packages: [],
  setting: '`totes run`, all three stages in one process, a lake in a folder',
  star: true,
  command: ({ source, target, folder }) => [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    join(root, 'packages/cli/src/main.ts'),
    'run',
    ...['--source', source, '--warehouse', target, '--lake', join(folder, 'lake')],
  ],
};

const sling: Program = {
  name: 'Sling',
  packages: ['sling-linux-amd64', 'sling-linux-arm64', 'sling-mac-amd64', 'sling-mac-arm64'],
  setting: '`sling run`, its defaults: one stream after the other, `full-refresh`',
  star: false,
  command: (place) => script(place, 'sling_copy.py', place.source, place.target, ...place.tables),
};

const dlt = (setting: 'default' | 'arrow', words: string): Program => ({
  name: 'dlt',
  variant: setting,
  ...(setting === 'default' && { slow: true }),
  packages: ['dlt'],
  setting: words,
  star: false,
  command: (place) => script(place, 'dlt_copy.py', setting, place.source, place.target, ...place.tables),
});

const duckdb: Program = {
  name: 'DuckDB',
  packages: ['duckdb'],
  setting: 'its PostgreSQL extension, `CREATE TABLE … AS FROM …` from one database into the other',
  star: false,
  command: (place) => script(place, 'duckdb_copy.py', place.source, place.target, ...place.tables),
};

const pandas = (setting: 'insert' | 'copy', words: string): Program => ({
  name: 'pandas',
  variant: setting,
  ...(setting === 'insert' && { slow: true }),
  packages: ['pandas'],
  setting: words,
  star: true,
  command: (place) => script(place, 'pandas_star.py', setting, place.source, place.target),
});

/** How a program is called in tables. */
export const title = ({ name, variant }: Program, version?: string): string =>
  [[name, version].filter(Boolean).join(' '), variant].filter(Boolean).join(', ');

/** In the order in which they take turns. */
export const programs: readonly Program[] = [
  totes,
  sling,
  duckdb,
  dlt('arrow', '`sql_database` by ConnectorX as Arrow, CSV files by `COPY`: what its manual names for speed'),
  dlt('default', '`sql_database` by SQLAlchemy, `INSERT` statements: what it does when nothing is said'),
  pandas('copy', '`read_sql`, DataFrames, `to_sql` with the `COPY` method of the manual, which makes empty texts NULL'),
  pandas('insert', '`read_sql`, DataFrames, `to_sql` as it is'),
];
