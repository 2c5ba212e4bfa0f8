import { count, rowsByTable, withRows, type Observation } from '@totes/core/lambda';
import type { TransformAnswer } from './answer.ts';
import type { TransformResult } from './transform.ts';

/**
 * What the log and the metrics tell of a call of transform. What slices bring is told once, by the call that commits them,
 * and so is what came before them.
 */
export function observe(answer: TransformAnswer): Observation {
  if ('transformed' in answer) return observeVersions(answer);
  const { version, ...fields } = answer;
  return { version, fields, warnings: [], metrics: [] };
}

/** Rows that a run set aside are a warning; those that wait since an earlier run are not one every time again, but the metric RowsWaiting. */
function observeVersions({ version, transformed, rows, quarantined, waiting, bytes }: TransformResult): Observation {
  const setAside = { message: 'rows were set aside', fields: { rows: quarantined, waiting } };
  return {
    version,
    fields: { versions: transformed.length, rows: withRows(rows), set_aside: quarantined, waiting, bytes },
    warnings: quarantined > 0 ? [setAside] : [],
    metrics: [
      { name: 'BytesWritten', unit: 'Bytes', value: bytes },
      count('RowsSetAside', quarantined),
      count('RowsWaiting', waiting),
      ...rowsByTable('RowsWritten', rows),
    ],
  };
}
