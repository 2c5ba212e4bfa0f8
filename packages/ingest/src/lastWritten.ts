import type { RawFormat, RawTable } from '@totes/core';
import type { TablePlan } from './plan.ts';
import { isSameColumns } from './shape.ts';

/** The rows last written of a table, where they had the columns that it has now. */
export function lastWritten({
  before,
  table,
}: TablePlan): Pick<Required<RawTable>, 'format' | 'contentSha256'> | undefined {
  if (before?.contentSha256 === undefined || !isSameColumns(before, table)) return undefined;
  return { format: before.format, contentSha256: before.contentSha256 };
}

/** The hash of rows of a table that need not be written once more. */
export function knownRows(plan: TablePlan, format: RawFormat): string | undefined {
  const last = lastWritten(plan);
  // Who asks for a row wants it in this version, though the lake has the same one already.
  return plan.asked === undefined && last?.format === format ? last.contentSha256 : undefined;
}
