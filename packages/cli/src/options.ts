import { InvalidArgumentError, Option } from 'commander';
import type { CaptureModes } from '@totes/ingest';

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

/** `sales_order=3600`: captured by last_updated, looking back 3600 seconds before the greatest seen. */
function captureMode(text: string, before: CaptureModes): CaptureModes {
  const [, name, seconds] = /^(.+)=(\d{1,9})$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Write TABLE=SECONDS, for example sales_order=3600.');
  return { ...before, [name]: { mode: 'last_updated', lookbackSeconds: Number(seconds) } };
}

/** PostgreSQL cuts a longer name off, and then finds no schema of the whole name. */
function schemaName(text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes < 1 || bytes > 63) throw new InvalidArgumentError('A schema has a name of 1 to 63 bytes.');
  return text;
}

export const lake = (): Option => required('--lake <place>', 'where the lake is: a folder, or s3://bucket/prefix');
export const warehouse = (): Option => required('--warehouse <url>', 'the warehouse database');
export const warehouseIfAny = (): Option => option('--warehouse <url>', 'the warehouse database');
export const schema = (): Option =>
  option('--schema <name>', "the warehouse's schema").argParser(schemaName).default('public');
export const database = (): Option => required('--database <url>', 'the totesys database');
export const orders = (): Option =>
  option('--orders <count>', 'sales orders to make').argParser(wholeNumber).default(10_000);
export const jsonOption = (): Option => option('--json', 'print one JSON object on the last line of stdout');

/** What a command that reads the source takes. */
export const ingestOptions = (): Option[] => [
  required('--source <url>', 'the totesys database; read only'),
  lake(),
  option('--raw-format <format>', 'how raw rows are kept').choices(['csv', 'json']).default('csv'),
  option('--source-schema <name>', "the source's schema").argParser(schemaName).default('public'),
  option(
    '--capture <table=seconds>',
    'find changes of a very large table by its index on last_updated, looking back so many seconds; repeatable',
  )
    .argParser(captureMode)
    .default({}, 'none'),
];
