import { SourceSchemaDrift, type Lake } from '@totes/core';
import type { Rehearsal } from '@totes/ingest';
import { formatNumber } from '../output.ts';
import { tryIngest, type IngestInput } from '../pipeline.ts';
import { attempt, type Part } from './attempt.ts';

/** What the source says to the next run. */
export interface SourceAnswer {
  readonly news: SourceNews | null;
  /** Why no run can read it as it is now. */
  readonly refusal?: string;
}

/** What the next run would read. */
export interface SourceNews {
  /** Rows, by source table; no table without any. Empty too where so much is to be read that it was not. */
  readonly rows: Readonly<Record<string, number>>;
  /** All of it in words, a line each; empty where there is nothing that was not read. */
  readonly lines: readonly string[];
}

/** Asks the source what the next run would find. Throws ConfigInvalid and what the lake throws when it is damaged. */
export const askSource = (lake: Lake, input: IngestInput): Promise<Part<SourceAnswer>> =>
  attempt(async () => {
    try {
      return { news: newsOf(await tryIngest(lake, input)) };
    } catch (error) {
      if (error instanceof SourceSchemaDrift) return { news: null, refusal: error.message };
      throw error;
    }
  });

function newsOf({ found, everythingBecause }: Rehearsal): SourceNews {
  if (everythingBecause !== undefined) return { rows: {}, lines: [`everything, because ${everythingBecause}`] };
  if (found === undefined) return { rows: {}, lines: ['a large table, whole'] };
  if (!found.committed) return { rows: {}, lines: [] };
  const rows = Object.fromEntries(Object.entries(found.read).filter(([, count]) => count > 0));
  const lines = [
    ...Object.entries(rows).map(([table, count]) => `${table} ${formatNumber(count)} ${count === 1 ? 'row' : 'rows'}`),
    ...found.schemaChanges,
    ...(found.served > 0 ? ['keys that verify or a retry asked for'] : []),
  ];
  return { rows, lines: lines.length > 0 ? lines : ['what makes a version without a row'] };
}
