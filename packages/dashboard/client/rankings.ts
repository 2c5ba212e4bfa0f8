import type { EChartsCoreOption } from 'echarts/core';
import type { CubeName } from '../src/data.ts';
import { palette, tip } from './chart.ts';
import { find } from './dom.ts';
import { gather, type Sums } from './gather.ts';
import { count, percent, within, type Money } from './numbers.ts';
import { choiceOf, show, type Context } from './view.ts';

/** Bars of a ranking; the table has all. */
const mostBars = 10;

interface Ranking {
  readonly id: string;
  readonly cube: CubeName;
  /** What is ranked, one and many. */
  readonly one: string;
  readonly many: string;
  /** What tells members apart: a key of the database, or a text that several share. */
  readonly key: (member: readonly string[]) => string;
  /** How they are called; two of them may have one name. */
  readonly name: (member: readonly string[]) => string;
  /** What the table says of each besides. */
  readonly more?: { readonly title: string; readonly text: (member: readonly string[]) => string };
}

const rankings: readonly Ranking[] = [
  {
    id: 'designs',
    cube: 'sales_by_design',
    one: 'design',
    many: 'designs',
    key: ([id]) => id!,
    name: ([, name]) => name!,
  },
  {
    id: 'customers',
    cube: 'sales_by_customer',
    one: 'customer',
    many: 'customers',
    key: ([id]) => id!,
    name: ([, name]) => name!,
    more: { title: 'Country', text: ([, , country]) => country! },
  },
  {
    id: 'countries',
    cube: 'sales_by_customer',
    one: 'country',
    many: 'countries',
    key: ([, , country]) => country!,
    name: ([, , country]) => country!,
  },
  {
    id: 'departments',
    cube: 'sales_by_staff',
    one: 'department',
    many: 'departments',
    key: ([, , department]) => department!,
    name: ([, , department]) => department!,
  },
  {
    id: 'staff',
    cube: 'sales_by_staff',
    one: 'person',
    many: 'people',
    key: ([id]) => id!,
    name: ([, name]) => name!,
    more: { title: 'Department', text: ([, , department]) => department! },
  },
];

/** Who and what brought the revenue in. */
export function showRankings(context: Context): void {
  for (const ranking of rankings) showRanking(context, ranking);
}

interface Row {
  readonly name: string;
  readonly member: readonly string[];
  readonly sums: Sums;
}

function showRanking(context: Context, { id, cube, one, many, key, name, more }: Ranking): void {
  const { cubes, money } = context;
  const members = new Map<string, readonly string[]>();
  const groups = gather(cubes[cube], choiceOf(context), ({ member }) => {
    members.set(key(member), member);
    return key(member);
  });
  const rows = named(
    [...groups].map(([each, sums]) => ({ key: each, member: members.get(each)!, sums })),
    name,
  );
  rows.sort((a, b) => compare(b.sums.revenue!, a.sums.revenue!) || (a.name < b.name ? -1 : 1));
  if (rows.length === 0) {
    show(id, { says: `No orders${within(money)} within these dates.` });
    return;
  }
  const total = rows.reduce((all, { sums }) => all + sums.revenue!, 0n);
  const first = rows[0]!;
  const counted = rows.length === 1 ? `One ${one}` : `${rows.length} ${many}`;
  show(id, {
    says: `${counted}. First: ${inSentence(first.name)}, ${money.short(first.sums.revenue!)}, ${percent(first.sums.revenue!, total)} of all.`,
    chart: {
      option: bars(rows.slice(0, mostBars), money, total, find(`#${id} .chart`).clientWidth),
      height: Math.min(rows.length, mostBars) * 30 + 12,
    },
    table: {
      texts: more === undefined ? 1 : 2,
      head: [
        one.replace(/^./, (letter) => letter.toUpperCase()),
        ...(more === undefined ? [] : [more.title]),
        'Orders',
        'Units',
        `Revenue, ${money.code}`,
        'Share',
        'Average price',
      ],
      rows: rows.map(({ name, member, sums }) => [
        name,
        ...(more === undefined ? [] : [more.text(member)]),
        count(sums.orders!),
        count(sums.units!),
        money.exact(sums.revenue!),
        percent(sums.revenue!, total),
        money.average(sums.revenue!, sums.units!),
      ]),
    },
  });
}

/** Gives each its name, with its key behind where several have the same. */
function named(
  rows: readonly { readonly key: string; readonly member: readonly string[]; readonly sums: Sums }[],
  name: (member: readonly string[]) => string,
): Row[] {
  const times = new Map<string, number>();
  for (const { member } of rows) times.set(name(member), (times.get(name(member)) ?? 0) + 1);
  return rows.map(({ key, member, sums }) => {
    const plain = name(member).trim() === '' ? '(no name)' : name(member);
    return { member, sums, name: times.get(name(member))! > 1 ? `${plain} (${key})` : plain };
  });
}

function bars(rows: readonly Row[], money: Money, total: bigint, width: number): EChartsCoreOption {
  const { text, muted, series } = palette();
  return {
    grid: { left: 0, right: 72, top: 4, bottom: 4, containLabel: true },
    xAxis: { type: 'value', show: false, min: (range: { min: number }) => Math.min(0, range.min) },
    yAxis: {
      type: 'category',
      inverse: true,
      data: rows.map(({ name }) => name),
      axisLabel: {
        color: text,
        width: Math.min(240, Math.round(width * 0.36)),
        overflow: 'truncate',
        interval: 0,
        fontSize: 13,
      },
      axisTick: { show: false },
      axisLine: { show: false },
    },
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      formatter: (points: readonly { readonly dataIndex: number }[]) => {
        const { name, sums } = rows[points[0]!.dataIndex]!;
        return tip(name, [
          ['Revenue', money.exact(sums.revenue!)],
          ['Share', percent(sums.revenue!, total)],
          ['Orders', count(sums.orders!)],
          ['Units', count(sums.units!)],
        ]);
      },
    },
    series: [
      {
        type: 'bar',
        data: rows.map(({ sums }) => money.size(sums.revenue!)),
        itemStyle: { color: series[0], borderRadius: [0, 3, 3, 0] },
        barMaxWidth: 18,
        label: {
          show: true,
          position: 'right',
          color: muted,
          formatter: ({ dataIndex }: { dataIndex: number }) => money.short(rows[dataIndex]!.sums.revenue!),
        },
      },
    ],
  };
}

/** The most letters of a name within a sentence; the table has all of it. */
const mostLetters = 60;

/** A name as a part of a sentence: not too long, and one that is written from the right turns nothing around it. */
function inSentence(name: string): string {
  const letters = Array.from(name.replace(/[\u202a-\u202e\u2066-\u2069]/g, '').replace(/\s+/g, ' '));
  const cut = letters
    .slice(0, mostLetters - 1)
    .join('')
    .trimEnd();
  return `\u2068${letters.length > mostLetters ? `${cut}…` : letters.join('')}\u2069`;
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
