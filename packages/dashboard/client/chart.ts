import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TitleComponent, TooltipComponent } from 'echarts/components';
import { init, use, type EChartsCoreOption, type EChartsType } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { element } from './dom.ts';

use([
  BarChart,
  LineChart,
  AriaComponent,
  GridComponent,
  LegendComponent,
  TitleComponent,
  TooltipComponent,
  SVGRenderer,
]);

/** The page's colours, as the colour scheme in use has them. */
export interface Palette {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly card: string;
  /** Told apart also without colour vision, in this order. */
  readonly series: readonly string[];
}

export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    text: colour('text'),
    muted: colour('muted'),
    line: colour('line'),
    card: colour('card'),
    series: ['series-1', 'series-2', 'series-3', 'series-4', 'series-5'].map(colour),
  };
}

const charts = new Map<HTMLElement, EChartsType>();
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) charts.get(target as HTMLElement)?.resize();
});

/**
 * Draws a chart into an element, in place of what it showed.
 *
 * @param label what it shows, in words, for those who do not see it
 * @param height in pixels
 */
export function draw(target: HTMLElement, option: EChartsCoreOption, label: string, height: number): void {
  target.style.height = `${height}px`;
  let chart = charts.get(target);
  if (chart === undefined) {
    chart = init(target, undefined, { renderer: 'svg' });
    charts.set(target, chart);
    sizes.observe(target);
  } else {
    chart.resize();
  }
  const { text, card, line } = palette();
  const still = matchMedia('(prefers-reduced-motion: reduce), print').matches;
  chart.setOption(
    {
      animation: !still,
      animationDuration: 250,
      animationDurationUpdate: 150,
      // Written out: the width of a label is measured with it.
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: text },
      aria: { enabled: true, label: { description: label } },
      ...option,
      ...('tooltip' in option && {
        tooltip: {
          confine: true,
          transitionDuration: 0,
          backgroundColor: card,
          borderColor: line,
          textStyle: { color: text, fontSize: 13 },
          ...(option.tooltip as object),
        },
      }),
    },
    { notMerge: true },
  );
}

/** Takes a chart away, where there is nothing to show. */
export function erase(target: HTMLElement): void {
  const chart = charts.get(target);
  if (chart !== undefined) {
    sizes.unobserve(target);
    chart.dispose();
    charts.delete(target);
  }
  target.style.height = '';
  target.removeAttribute('role');
  target.removeAttribute('aria-label');
  target.replaceChildren();
}

/** What a tooltip shows: a title, and names with their figures. An element, so that no name is read as HTML. */
export function tip(title: string, lines: readonly (readonly [name: string, figure: string])[]): HTMLElement {
  return element(
    'div',
    { class: 'tip' },
    element('strong', {}, title),
    ...lines.map(([name, figure]) => element('div', {}, element('span', {}, name), element('b', {}, figure))),
  );
}
