import type { Client } from 'pg';
import { inTransaction } from './inTransaction.ts';

/**
 * One snapshot for all that is read. Row security off makes a policy an error instead of a filter. Without synchronised
 * scans and parallel workers, rows that are read twice come in the same order. Only PostgreSQL's own functions and types
 * are found by their bare names.
 */
const begin = `
  BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY;
  SET LOCAL row_security = off;
  SET LOCAL synchronize_seqscans = off;
  SET LOCAL max_parallel_workers_per_gather = 0;
  SET LOCAL search_path = pg_catalog`;

/** Runs `work` in a transaction that reads one snapshot, taken by its first query, and can write nothing. */
export const inSnapshot = <T>(client: Client, work: () => Promise<T>): Promise<T> => inTransaction(client, begin, work);
