import type { Day, Grain } from '../src/data.ts';

const millisecondsPerDay = 86_400_000;

/** Days from the year 1 to 9999, which is what the warehouse may hold. */
export const [firstOfAll, lastOfAll] = [dayOf('0001-01-01'), dayOf('9999-12-31')];

/** The day of a date written YYYY-MM-DD. */
export function dayOf(date: string): Day {
  return Date.parse(`${date}T00:00:00Z`) / millisecondsPerDay;
}

/** The day written YYYY-MM-DD. */
export const dateText = (day: Day): string => dateOf(day).toISOString().slice(0, 10);

const dateOf = (day: Day): Date => new Date(day * millisecondsPerDay);

/** The first day of a month. The month may be any whole number: 13 is the January after. */
function monthStart(year: number, month: number): Day {
  const date = new Date(0);
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, 1);
  return date.getTime() / millisecondsPerDay;
}

/** The day so many months earlier; the last day of that month where it is shorter. */
export function monthsBefore(day: Day, months: number): Day {
  const date = dateOf(day);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1 - months];
  const start = monthStart(year, month);
  return Math.min(start + date.getUTCDate() - 1, monthStart(year, month + 1) - 1);
}

/** The steps of a time axis. */
export const steps = ['day', 'week', 'month', 'quarter', 'year', 'decade', 'century'] as const;
export type Step = (typeof steps)[number];

const monthsIn: Readonly<Record<Exclude<Step, 'day' | 'week'>, number>> = {
  month: 1,
  quarter: 3,
  year: 12,
  decade: 120,
  century: 1200,
};

/** The first day of the step in which the day lies. Weeks begin on Monday. */
export function startOf(day: Day, step: Step): Day {
  if (step === 'day') return day;
  if (step === 'week') return day - ((((day + 3) % 7) + 7) % 7);
  const months = monthsIn[step];
  const date = dateOf(day);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
  const first = Math.floor(month / months) * months;
  return monthStart(Math.floor(first / 12), (first % 12) + 1);
}

/** The first day of the step after. */
export function nextStart(start: Day, step: Step): Day {
  if (step === 'day') return start + 1;
  if (step === 'week') return start + 7;
  const date = dateOf(start);
  return monthStart(date.getUTCFullYear(), date.getUTCMonth() + 1 + monthsIn[step]);
}

/** A span of days, both ends within. */
export interface Span {
  readonly from: Day;
  readonly to: Day;
}

/** Widens a span to whole months or years, where figures are known by these only. */
export const snap = ({ from, to }: Span, grain: Grain): Span => ({
  from: startOf(from, grain),
  to: nextStart(startOf(to, grain), grain) - 1,
});

/** The span of as many days just before. */
export const before = ({ from, to }: Span): Span => ({ from: from - (to - from + 1), to: from - 1 });

/** One step of a time axis, cut at the ends of the span. */
export interface Bucket extends Span {
  readonly label: string;
}

/** The step with which a span has some dozens of buckets, none finer than `grain`. */
export function stepFor({ from, to }: Span, grain: Grain): Step {
  const days = to - from + 1;
  const limits: readonly (readonly [Step, number])[] = [
    ['day', 31],
    ['week', 190],
    ['month', 1500],
    ['quarter', 4400],
    ['year', 25_000],
    ['decade', 250_000],
  ];
  const step = limits.find(([, most]) => days <= most)?.[0] ?? 'century';
  return steps[Math.max(steps.indexOf(step), steps.indexOf(grain))]!;
}

/** The steps of a span, all of them, without gaps. */
export function bucketsOf(span: Span, step: Step): Bucket[] {
  const buckets: Bucket[] = [];
  for (let start = startOf(span.from, step); start <= span.to; start = nextStart(start, step)) {
    const bucket = { from: Math.max(start, span.from), to: Math.min(nextStart(start, step) - 1, span.to) };
    buckets.push({ ...bucket, label: labelOf(start, step) });
  }
  return buckets;
}

const format = (options: Intl.DateTimeFormatOptions): ((day: Day) => string) => {
  const made = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options });
  return (day) => made.format(dateOf(day));
};
const dayMonth = format({ day: 'numeric', month: 'short' });
const monthYear = format({ month: 'short', year: 'numeric' });

/** 9 Jan 2025 */
export const longDate = format({ day: 'numeric', month: 'short', year: 'numeric' });

function labelOf(start: Day, step: Step): string {
  const year = dateOf(start).getUTCFullYear();
  switch (step) {
    case 'day':
    case 'week':
      return dayMonth(start);
    case 'month':
      return monthYear(start);
    case 'quarter':
      return `Q${Math.floor(dateOf(start).getUTCMonth() / 3) + 1} ${year}`;
    case 'year':
      return String(year);
    case 'decade':
    case 'century':
      return `${year}–`;
  }
}

/** A span in words, as short as it can be said. */
export function spanText({ from, to }: Span): string {
  return from === to ? longDate(from) : `${longDate(from)} – ${longDate(to)}`;
}
