import type { EChartsCoreOption } from 'echarts/core';
import type { Day, Grain, Report } from '../src/data.ts';
import type { Span } from './calendar.ts';
import { draw, erase } from './chart.ts';
import { find } from './dom.ts';
import type { Choice, Cubes } from './gather.ts';
import type { Money } from './numbers.ts';
import { tableElement, type Table } from './table.ts';

/** What the filters chose, and what there is to choose from. */
export interface Context {
  readonly report: Report;
  readonly cubes: Cubes;
  readonly money: Money;
  /** The place of the chosen currency. */
  readonly currency: number;
  readonly span: Span;
  /** The day on which what is unpaid is judged. */
  readonly asOf: Day;
  /** What the dates were widened to. */
  readonly grain: Grain;
}

export const choiceOf = ({ span, currency }: Context): Choice => ({ span, currency });

/** What a section of the page shows for a choice. */
export interface Shown {
  /** The most important of it, in words. */
  readonly says: string;
  readonly chart?: { readonly option: EChartsCoreOption; readonly height: number };
  readonly table?: Table;
}

/** Shows it in the section of that id. */
export function show(id: string, { says, chart, table }: Shown): void {
  const section = find(`#${id}`);
  const place = find('.chart', section);
  find('.says', section).textContent = says;
  if (chart === undefined) erase(place);
  else
    draw(
      place,
      chart.option,
      `${find('h3', section).textContent}. ${says} All figures are in the table below.`,
      chart.height,
    );
  find('.data', section).hidden = table === undefined || table.rows.length === 0;
  find('.scroll', section).replaceChildren(...(table === undefined ? [] : [tableElement(table)]));
}
