import { readConfig, setting, type RawFormat, type Setting } from '@totes/core';
import type { CaptureModes } from './plan.ts';
import { usualSliceBlocks } from './slices/cut.ts';

/** What a deployed ingest is told by its environment. */
export interface IngestConfig {
  /** A database URL or the secret that holds one. */
  readonly source: string;
  /** Where the raw bucket is: `s3://bucket/prefix` or a folder. */
  readonly raw: string;
  readonly format: RawFormat;
  readonly schema: string;
  readonly capture: CaptureModes;
  readonly acceptNarrowed: readonly string[];
  readonly sliceBlocks: number;
  readonly codeVersion: string;
}

/** `table=seconds,table=seconds`: the lookback of each table that is captured by last_updated. */
const captureSetting: Setting<CaptureModes> = {
  variable: 'CAPTURE',
  parse(text) {
    const entries = text.split(',').map((part) => /^\s*(.+?)\s*=\s*(\d{1,9})\s*$/.exec(part));
    if (entries.includes(null)) return undefined;
    return Object.fromEntries(
      entries.map((entry) => [entry![1]!, { mode: 'last_updated', lookbackSeconds: Number(entry![2]) }]),
    );
  },
  expected: 'table=seconds,table=seconds: the lookback of each table that is captured by last_updated',
};

/** `table.column,table.column`: columns that may have become narrower, or others. */
const acceptSetting: Setting<readonly string[]> = {
  variable: 'ACCEPT_NARROWED',
  parse(text) {
    const columns = text.split(',').map((part) => part.trim());
    return columns.every((column) => /^.+[.].+$/.test(column)) ? columns : undefined;
  },
  expected: 'table.column,table.column: columns that may be narrower than before, or replaced',
};

/** Reads the settings of ingest. Throws ConfigInvalid with every problem. */
export const ingestConfig = (env: Readonly<Record<string, string | undefined>>): IngestConfig =>
  readConfig(
    {
      source: setting.text('SOURCE_DATABASE'),
      raw: setting.text('RAW_BUCKET'),
      format: setting.optional(setting.oneOf('RAW_FORMAT', 'csv', 'json'), 'csv' as const),
      schema: setting.optional(setting.text('SOURCE_SCHEMA'), 'public'),
      capture: setting.optional(captureSetting, {}),
      acceptNarrowed: setting.optional(acceptSetting, []),
      sliceBlocks: setting.optional(setting.integer('SLICE_BLOCKS', 1, 2 ** 32), usualSliceBlocks),
      codeVersion: setting.optional(setting.text('CODE_VERSION'), 'unknown'),
    },
    env,
  );
