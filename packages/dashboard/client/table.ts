import { element } from './dom.ts';

/** The most rows that a table shows: more would take long to lay out and nobody reads them. */
const mostRows = 1000;

export interface Table {
  /** The columns of text come first; the others hold figures. */
  readonly texts: number;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A table, its first column naming the row. */
export function tableElement({ texts, head, rows }: Table): HTMLElement {
  const cell = (text: string, i: number): HTMLElement =>
    i === 0 ? element('th', { scope: 'row' }, text) : element('td', i < texts ? {} : { class: 'figure' }, text);
  const made = element(
    'table',
    {},
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        ...head.map((text, i) => element('th', { scope: 'col', ...(i >= texts && { class: 'figure' }) }, text)),
      ),
    ),
    element('tbody', {}, ...rows.slice(0, mostRows).map((row) => element('tr', {}, ...row.map(cell)))),
  );
  if (rows.length <= mostRows) return made;
  return element(
    'div',
    {},
    made,
    element('p', { class: 'about' }, `The first ${mostRows} of ${rows.length} rows; the query gives all.`),
  );
}
