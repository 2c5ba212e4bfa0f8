import { ConfigInvalid } from '@totes/core';
import type { LoadOptions } from '../options.ts';

/** Redshift makes all letters of a name small; one of other characters would be found under another name, or not at all. */
const schemaName = /^[a-z_][a-z0-9_]*$/;

/** Throws ConfigInvalid for a schema that Redshift would name otherwise, and for a lake that it cannot read. */
export function refuse({ schema, processed }: Pick<LoadOptions, 'schema' | 'processed'>): void {
  if (!schemaName.test(schema)) {
    throw new ConfigInvalid(
      `the name of a schema in Redshift, "${schema}", must have small letters, digits and _ alone, and begin with no digit`,
    );
  }
  if (processed.store.uri.startsWith('s3://')) return;
  throw new ConfigInvalid(
    `Redshift reads the lake by itself, and cannot read ${processed.store.uri}: the lake must be in S3, as s3://bucket/prefix`,
  );
}
