import { processedBucket, rawBucket, type RawFormat } from '@totes/core';
import { ingest, type IngestResult } from '@totes/ingest';
import { load, type LoadResult } from '@totes/load';
import { transform, type TransformResult } from '@totes/transform';
import type { Client } from 'pg';
import { MemoryStore } from '../../../core/test/memoryStore.ts';

let runs = 0;
const runId = (): string => `run-${++runs}`;
const now = (): Date => new Date('2024-11-03T10:00:00Z');

/** A lake in memory, and the stages on it. */
export class MemoryLake {
  readonly raw = new MemoryStore();
  readonly processed = new MemoryStore();

  copy(): MemoryLake {
    const copy = new MemoryLake();
    for (const bucket of ['raw', 'processed'] as const) {
      for (const [key, body] of this[bucket].objects) copy[bucket].objects.set(key, body);
    }
    return copy;
  }

  ingest(source: Client, format: RawFormat = 'csv'): Promise<IngestResult> {
    return ingest({ source, raw: rawBucket(this.raw), options: { format }, runId: runId(), codeVersion: 'test', now });
  }

  transform(): Promise<TransformResult> {
    const [raw, processed] = [rawBucket(this.raw), processedBucket(this.processed)];
    return transform({ raw, processed, runId: runId(), codeVersion: 'test', now });
  }

  load(warehouse: Client): Promise<LoadResult> {
    return load({ warehouse, processed: processedBucket(this.processed), schema: 'public', codeVersion: 'test' });
  }
}
