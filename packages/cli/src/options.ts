import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import type { CaptureModes } from '@totes/ingest';
import { loggedFunctions } from './stack/stack.ts';

const requiredOptions = new WeakSet<Option>();

export const option = (flags: string, description: string): Option => new Option(flags, description);

function required(flags: string, description: string): Option {
  const made = option(flags, description);
  requiredOptions.add(made);
  return made;
}

/** Whether a command cannot do without the option. */
export const isRequired = (each: Option): boolean => requiredOptions.has(each);

/** Reads a count. Throws InvalidArgumentError for anything else. */
export const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Write a whole number from 0 to 999999999.');
  return Number(text);
};

/** More would take from a source that others work with what they need of it. */
const mostReaders = 4;

/** Each holds a slice of a table in memory, and the databases may be on this machine too. */
const usualWorkers = Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)));

/** Reads a key, which may be negative. Throws InvalidArgumentError for anything else. */
function keyNumber(text: string): number {
  if (!/^-?\d{1,10}$/.test(text)) throw new InvalidArgumentError('Write a whole number.');
  return Number(text);
}

/** `sales_order=3600`: captured by last_updated, looking back 3600 seconds before the greatest seen. */
function captureMode(text: string, before: CaptureModes): CaptureModes {
  const [, name, seconds] = /^(.+)=(\d{1,9})$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Write TABLE=SECONDS, for example sales_order=3600.');
  return { ...before, [name]: { mode: 'last_updated', lookbackSeconds: Number(seconds) } };
}

/** `sales_order.unit_price`: a column that may hold less than it did. */
function columnName(text: string, before: readonly string[]): readonly string[] {
  if (!/^[^.]+\.[^.]+$/.test(text)) throw new InvalidArgumentError('Write TABLE.COLUMN, for example payment.paid.');
  return [...before, text];
}

/** PostgreSQL cuts a longer name off, and then finds no schema of the whole name. */
function schemaName(text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes < 1 || bytes > 63) throw new InvalidArgumentError('A schema has a name of 1 to 63 bytes.');
  return text;
}

const lakePlace = [
  '--lake <place>',
  'where the lake is: a folder, s3://bucket/prefix, or both buckets as s3://raw,s3://processed',
] as const;
const sourceUrl = ['--source <url>', 'the totesys database; read only'] as const;
const warehouseUrl = ['--warehouse <url>', 'the warehouse database'] as const;

/** What the deployed functions have in their own settings. */
const replacedByStack = [
  ...['lake', 'source', 'warehouse', 'schema', 'sourceSchema'],
  ...['rawFormat', 'capture', 'acceptNarrowed', 'connections', 'workers', 'adopt'],
];
const stackPlace = [
  '--stack <place>',
  'work in AWS: the folder of the Terraform configuration that was applied, or a file with what `terraform output -json` printed',
] as const;

/** A span of time in seconds: `90s`, `30m`, `1h`, `7d`. Throws InvalidArgumentError for anything else. */
export function timeSpan(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('Write a number and s, m, h or d, for example 30m.');
  return Number(count) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd'];
}

export const stack = (): Option => option(...stackPlace).conflicts(replacedByStack);
export const stackAlone = (): Option => required(...stackPlace);
export const lake = (): Option => required(...lakePlace);
export const lakeIfAny = (): Option => option(...lakePlace);
export const source = (): Option => required(...sourceUrl);
export const warehouse = (): Option => required(...warehouseUrl);
export const warehouseIfAny = (): Option => option(...warehouseUrl);
export const schema = (): Option =>
  option('--schema <name>', "the warehouse's schema").argParser(schemaName).default('public');
export const sourceSchema = (): Option =>
  option('--source-schema <name>', "the source's schema").argParser(schemaName).default('public');
export const database = (): Option => required('--database <url>', 'the totesys database');
export const out = (): Option => required('--out <folder>', 'where to write the page, index.html');
export const expires = (): Option =>
  option('--expires <time>', 'how long the link lasts, as 12h or 7d, its most for S3 (default: 12h)').argParser(
    timeSpan,
  );
export const privateKey = (): Option =>
  option('--key <file>', "the private key (PEM) that signs a link to the stack's CloudFront distribution");
export const orders = (): Option =>
  option('--orders <count>', 'sales orders to make').argParser(wholeNumber).default(10_000);
export const days = (): Option => option('--days <count>', 'working days to pass').argParser(wholeNumber).default(1);
export const seed = (meaning: string): Option => option('--seed <number>', meaning).argParser(wholeNumber).default(1);
export const keep = (): Option => option('--keep', 'leave the databases running and the lake in place');
export const jsonOption = (): Option => option('--json', 'print one JSON object on the last line of stdout');
export const heal = (): Option =>
  option('--heal', 'read the rows at fault again, through --lake, and compare once more');
export const fromRaw = (): Option => option('--from-raw', 'rebuild the processed log from the raw one first');
export const replaceOtherLake = (): Option =>
  option(
    '--replace-other-lake',
    'go on although the warehouse was loaded from another lake, whose history is lost then',
  );
export const adopt = (): Option =>
  option(
    '--adopt',
    'go on from this lake in a warehouse that was loaded from another one, which is lost; history stays',
  );
export const ratesFrom = (usual: string): Option =>
  option('--from <place>', "a URL or an XML file in the ECB's format").default(usual, 'the last 90 days, of the ECB');
export const tableName = (): Option => option('--table <name>', 'rows of this source table only');
export const key = (): Option => option('--key <number>', 'the row with this primary key only').argParser(keyNumber);
export const all = (): Option => option('--all', 'also rows of which a later version is known, or that were deleted');

/** What a command that reads the source takes. */
export const ingestOptions = (): Option[] => [source(), lake(), ...readOptions()];

/** The same, where the command can do without the source. */
export const ingestOptionsIfAny = (): Option[] => [lake(), option(...sourceUrl), ...readOptions()];

/** How the source is read. */
export const readOptions = (): Option[] => [
  option('--raw-format <format>', 'how raw rows are kept').choices(['csv', 'json']).default('csv'),
  sourceSchema(),
  option(
    '--capture <table=seconds>',
    'find changes of a very large table by its index on last_updated, looking back so many seconds; repeatable',
  )
    .argParser(captureMode)
    .default({}, 'none'),
  option(
    '--accept-narrowed <table.column>',
    'a needed column that was narrowed or replaced, and is meant to be; repeatable',
  )
    .argParser(columnName)
    .default([], 'none'),
  option('--connections <count>', 'how many connections to the source read large tables at once')
    .argParser(wholeNumber)
    .default(Math.min(availableParallelism(), mostReaders), `one for each core, ${mostReaders} at most`),
];

/** How large tables are transformed. */
export const workers = (): Option =>
  option('--workers <count>', 'how many threads transform large tables at once')
    .argParser(wholeNumber)
    .default(usualWorkers, 'one for every two cores, 4 at most');

export const limit = (): Option =>
  option('--limit <count>', 'how many at most, the newest').argParser(wholeNumber).default(20);
export const check = (): Option => option('--check', 'exit code 1 unless all is well, for a monitor');
export const watch = (): Option =>
  option('--watch', 'follow the run stage by stage until it ends; Ctrl-C leaves it running');
export const stageName = (): Option => option('--stage <name>', 'of this function only').choices(loggedFunctions);
export const since = (): Option =>
  option('--since <time>', 'how far to look back, as 30m, 1h or 7d (default: 1h, of a run 7d)').argParser(timeSpan);
export const runName = (): Option => option('--run <name>', 'of this run only');
export const follow = (): Option => option('--follow', 'go on with what is written from now on; Ctrl-C ends it');
export const level = (): Option =>
  option('--level <level>', 'of this level or above; lines that have none are always shown')
    .choices(['debug', 'info', 'warn', 'error'])
    .default('debug');
