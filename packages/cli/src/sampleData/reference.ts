import { timeOfDay, timestampText } from './calendar.ts';
import { firstDay } from './history.ts';
import { created, inventor } from './invent.ts';
import { paymentTypes, type Catalogue, type PaymentType, type Row } from './orders.ts';
import { random } from './random.ts';

/** Rows of the tables that orders refer to, in load order; a row's key is its place, counted from 1. */
export interface ReferenceData {
  readonly address: readonly Row[];
  readonly department: readonly Row[];
  readonly staff: readonly Row[];
  readonly counterparty: readonly Row[];
  readonly currency: readonly Row[];
  readonly design: readonly Row[];
  readonly payment_type: readonly Row[];
}

const departments: readonly (readonly [name: string, location: string | null])[] = [
  ['Sales', 'Manchester'],
  ['Purchasing', 'Manchester'],
  ['Production', 'Leeds'],
  ['Dispatch', 'Leeds'],
  ['Finance', 'Zürich'],
  ['Facilities', null],
  ["Communications, Brand & Children's Totes", ''],
  ['HR', 'Leeds'],
];

const currencies = ['GBP', 'USD', 'EUR'];

/** How many rows of each table a shop of so many sales has: a few, and slowly more. */
const sizes = (sales: number) => ({
  address: 30 + Math.floor(sales / 4_000),
  staff: 20 + Math.floor(sales / 50_000),
  counterparty: 20 + Math.floor(sales / 5_000),
  design: 300 + Math.floor(sales / 2_000),
});

/** Makes up the small tables for a shop of so many sales. */
export function referenceData(sales: number, seed: number): ReferenceData {
  const source = random(seed, 3);
  const invent = inventor(source);
  const size = sizes(sales);
  // Each table was filled at once, before the first day's business.
  let filled = timeOfDay(6);
  const rows = (count: number, row: (at: string, number: number) => Row): Row[] => {
    const at = timestampText(firstDay, (filled += 1_601));
    return Array.from({ length: count }, (_, number) => row(at, number));
  };
  return {
    address: rows(size.address, (at, number) => invent.address(at, number)),
    department: rows(departments.length, (at, number) => {
      const [department_name, location] = departments[number]!;
      const manager = location === null ? null : invent.personName();
      return { department_name, location, manager, ...created(at) };
    }),
    staff: rows(size.staff, (at, number) => invent.staff(at, source.between(1, departments.length), number)),
    counterparty: rows(size.counterparty, (at, number) =>
      invent.counterparty(at, source.between(1, size.address), number),
    ),
    currency: rows(currencies.length, (at, number) => ({ currency_code: currencies[number]!, ...created(at) })),
    design: rows(size.design, (at) => invent.design(at)),
    payment_type: rows(paymentTypes.length, (at, number) => ({
      payment_type_name: paymentTypes[number]!,
      ...created(at),
    })),
  };
}

/** The catalogue of freshly made reference data. */
export function catalogueOf(data: ReferenceData): Catalogue {
  const ids = (rows: readonly Row[]): number[] => rows.map((_, number) => number + 1);
  return {
    design: ids(data.design),
    staff: ids(data.staff),
    counterparty: ids(data.counterparty),
    currency: ids(data.currency),
    address: ids(data.address),
    paymentType: Object.fromEntries(paymentTypes.map((name, number) => [name, number + 1])) as Record<
      PaymentType,
      number
    >,
  };
}
