/** What the page is made of: the answers of the queries, as plain data that fits into JSON. */
export interface Report {
  /** The schema of the warehouse that was read. */
  readonly schema: string;
  /** When it was read, ISO 8601 UTC, by the clock of the machine that read it. */
  readonly writtenAt: string;
  /** Places after the point of every amount: amounts are whole numbers of 10^-scale of a currency's unit. */
  readonly scale: number;
  /** The last day on which anything changed in the shop; null where there is nothing yet. */
  readonly lastDay: Day | null;
  /** ISO 4217 codes, as the warehouse has them. */
  readonly currencies: readonly string[];
  readonly cubes: Readonly<Record<CubeName, Cube>>;
  /** What converts the sales; absent where the warehouse has no rate for any of their currencies. */
  readonly rates?: Rates;
  readonly history: History;
  /** The newest loads, the last first. */
  readonly loads: readonly Load[];
  /** The text of each query, by the name of its file. */
  readonly sql: Readonly<Record<string, string>>;
}

/** Days since 1970-01-01, in no time zone. */
export type Day = number;

/** A whole number; as text where a JavaScript number does not hold it exactly. */
export type Whole = number | string;

/** The span that a cell of a cube covers. Each is whole in the next. */
export const grains = ['day', 'month', 'year'] as const;
export type Grain = (typeof grains)[number];

/** The answer of a query, column by column, in order of the day: one cell for each day, currency and member. */
export interface Cube {
  readonly grain: Grain;
  /** The first day of the cell's span. */
  readonly days: readonly Day[];
  /** Places in the report's `currencies`. */
  readonly currency: readonly number[];
  /** Places in `members`. */
  readonly member: readonly number[];
  /** What else tells cells apart: a design's key and name, for example. One without columns where nothing does. */
  readonly members: readonly (readonly string[])[];
  /** Counts as they are, amounts in the report's scale. */
  readonly measures: Readonly<Record<string, readonly Whole[]>>;
}

/** Exchange rates, in order of the day. */
export interface Rates {
  readonly days: readonly Day[];
  /** Places in the report's `currencies`. */
  readonly currency: readonly number[];
  /** Units of the currency for one euro, positive decimals as the warehouse has them. */
  readonly rate: readonly string[];
}

/** How a query's answer becomes a cube: which of its columns mean what. */
export interface Question {
  readonly member: readonly string[];
  readonly counts: readonly string[];
  readonly amounts: readonly string[];
}

/** The queries that answer by day and currency; each is the file of its name in `queries`. */
export const questions = {
  sales_by_day: { member: [], counts: ['orders', 'units'], amounts: ['revenue'] },
  sales_by_design: { member: ['design_id', 'design_name'], counts: ['orders', 'units'], amounts: ['revenue'] },
  sales_by_customer: {
    member: ['counterparty_id', 'customer', 'country'],
    counts: ['orders', 'units'],
    amounts: ['revenue'],
  },
  sales_by_staff: { member: ['staff_id', 'staff', 'department'], counts: ['orders', 'units'], amounts: ['revenue'] },
  purchases_by_day: { member: [], counts: ['orders', 'items'], amounts: ['cost'] },
  payments_by_due_day: { member: ['type', 'timing'], counts: ['payments'], amounts: ['amount'] },
  deliveries_by_day: { member: ['kind', 'agreement'], counts: ['orders', 'lead_days'], amounts: [] },
  changes_by_day: { member: ['kind'], counts: ['changes', 'value_changes'], amounts: ['value_change'] },
} as const satisfies Record<string, Question>;

export type CubeName = keyof typeof questions;

/** Orders that changed after they were placed: some of them, the one that changed last first. */
export interface History {
  readonly orders: readonly ChangedOrder[];
  /** How many there are in the warehouse. */
  readonly total: number;
}

export interface ChangedOrder {
  readonly kind: string;
  readonly id: string;
  /** The day of its latest change. */
  readonly day: Day;
  /** Oldest first, two at least. */
  readonly versions: readonly OrderVersion[];
}

/** An order as it was for a while. Prices and values are decimals as the warehouse has them. */
export interface OrderVersion {
  /** YYYY-MM-DD HH:MM, by the shop's clock. */
  readonly changedAt: string;
  readonly currency: string;
  readonly goods: string;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly value: string;
  readonly counterparty: string;
  readonly staff: string;
  readonly delivery: string;
  readonly payment: string;
  readonly deliveredTo: string;
}

/** A version of the lake in the warehouse. Times are YYYY-MM-DD HH:MM:SS, UTC. */
export interface Load {
  readonly version: string;
  readonly sourceRead: string;
  readonly loaded: string;
  readonly secondsBehind: string;
  readonly rowsLoaded: string;
  readonly setAside: string;
  readonly warnings: string;
}
