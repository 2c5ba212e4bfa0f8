import type { Shown, SourceRow, SourceRows } from './look.ts';
import type { TableName } from './step.ts';

/** What a look was asked for beside what changed. */
export interface Asked {
  readonly keys: readonly { readonly table: TableName; readonly key: number }[];
  /** Whether to try again the rows that were set aside and then followed by a later state. */
  readonly retry: boolean;
}

/** What the warehouse must show after a version. */
export interface Expected {
  /** One line for each row, see `shownLines`. */
  readonly lines: ReadonlySet<string>;
  /** The least and the most rows that may be waiting in quarantine. */
  readonly waiting: readonly [number, number];
}

const dimensions = {
  address: 'dim_location',
  staff: 'dim_staff',
  counterparty: 'dim_counterparty',
  currency: 'dim_currency',
  design: 'dim_design',
  payment_type: 'dim_payment_type',
  transaction: 'dim_transaction',
} as const;
const facts = ['sales_order', 'purchase_order', 'payment'] as const;
type Dimension = keyof typeof dimensions;

/** Which column of a fact points at which dimension. */
const partners: Readonly<Record<string, Dimension>> = {
  sales_staff_id: 'staff',
  staff_id: 'staff',
  counterparty_id: 'counterparty',
  currency_id: 'currency',
  design_id: 'design',
  transaction_id: 'transaction',
  payment_type_id: 'payment_type',
  agreed_delivery_location_id: 'address',
};

/** A business row of a fact. */
interface Business {
  /** What the warehouse appended as it came into force, in order. */
  readonly history: { readonly row: Shown; deleted: boolean }[];
  /** What it appended later, of states that something else had followed. */
  readonly late: Shown[];
  /** The state that a look saw last; undefined when it was found to be deleted. */
  last: SourceRow | undefined;
  /** Whether that state never came into force. */
  waiting: boolean;
  /** States that never came into force and that something followed. */
  superseded: SourceRow[];
}

const text = (row: unknown): string => JSON.stringify(row);

/**
 * What the warehouse has to be, told from what the looks saw: rows by SQL, and the rules of the pipeline in their
 * plainest form. A fact has a row for each state that came into force, in the order of the looks; a dimension shows the
 * state seen last; what the source was found to have lost leaves the current views and not the history.
 */
export class Oracle {
  readonly #seen = new Map<TableName, Map<number, SourceRow>>();
  readonly #shown = new Map<Dimension, Map<number, Shown>>();
  /** The keys that were found to be deleted and have not come again, other than those of facts. */
  readonly #gone = new Map<TableName, Set<number>>();
  readonly #facts = new Map<TableName, Map<number, Business>>();
  readonly #years = new Set<string>();

  /** The first row whose state no look has seen yet, if there is one. */
  unseen(rows: SourceRows): string | undefined {
    for (const [table, present] of rows) {
      for (const [key, { row }] of present) {
        if (text(this.#last(table, key)?.row) !== text(row)) return `${table} ${key} ${text(row)}`;
      }
    }
    return undefined;
  }

  /** Takes what a version's look saw, and says what the warehouse must show then. */
  look(rows: SourceRows, { keys, retry }: Asked): Expected {
    const absent = keys.filter(({ table, key }) => !rows.get(table)!.has(key));
    for (const [table, present] of rows) {
      if (isFact(table)) continue;
      const seen = entry(this.#seen, table, () => new Map<number, SourceRow>());
      for (const [key, row] of present) {
        seen.set(key, row);
        this.#gone.get(table)?.delete(key);
      }
    }
    for (const { table, key } of absent) entry(this.#gone, table, () => new Set<number>()).add(key);
    for (const table of Object.keys(dimensions) as Dimension[]) this.#updateDimension(table);
    for (const table of facts) this.#updateFact(table, rows, absent, retry);
    return { lines: new Set(this.#lines()), waiting: this.#waiting() };
  }

  #last(table: TableName, key: number): SourceRow | undefined {
    if (isFact(table)) return this.#facts.get(table)?.get(key)?.last;
    return this.#isGone(table, key) ? undefined : this.#seen.get(table)?.get(key);
  }

  #updateDimension(table: Dimension): void {
    const shown = entry(this.#shown, table, () => new Map<number, Shown>());
    for (const [key, { row }] of this.#seen.get(table) ?? []) {
      const joined = this.#joined(table, row);
      if (this.#isGone(table, key)) shown.delete(key);
      else if (joined !== undefined) shown.set(key, joined);
    }
  }

  #isGone(table: TableName, key: number): boolean {
    return this.#gone.get(table)?.has(key) === true;
  }

  /** The row of a dimension; undefined where what it joins was never seen. */
  #joined(table: Dimension, row: Shown): Shown | undefined {
    if (table === 'staff') {
      const department = this.#seen.get('department')?.get(Number(row.department_id))?.row;
      if (department === undefined) return undefined;
      const { staff_id, first_name, last_name, email_address } = row as Record<string, string>;
      return { staff_id, first_name, last_name, ...department, email_address } as Shown;
    }
    if (table === 'counterparty') {
      const address = this.#seen.get('address')?.get(Number(row.legal_address_id))?.row;
      if (address === undefined) return undefined;
      const { counterparty_id, counterparty_legal_name } = row as Record<string, string>;
      return {
        counterparty_id: counterparty_id!,
        counterparty_legal_name: counterparty_legal_name!,
        counterparty_legal_address_line_1: address.address_line_1!,
        counterparty_legal_address_line_2: address.address_line_2!,
        counterparty_legal_district: address.district!,
        counterparty_legal_city: address.city!,
        counterparty_legal_postal_code: address.postal_code!,
        counterparty_legal_country: address.country!,
        counterparty_legal_phone_number: address.phone!,
      };
    }
    return row;
  }

  #updateFact(table: TableName, rows: SourceRows, absent: Asked['keys'], retry: boolean): void {
    const all = entry(this.#facts, table, () => new Map<number, Business>());
    for (const [key, row] of rows.get(table)!) {
      const business = entry(all, key, newBusiness);
      if (text(business.last?.row) === text(row.row)) continue;
      follow(business, row);
    }
    for (const each of absent) {
      const business = each.table === table ? all.get(each.key) : undefined;
      if (business === undefined) continue;
      follow(business, undefined);
      const inForce = business.history.at(-1);
      if (inForce !== undefined) inForce.deleted = true;
    }
    for (const business of all.values()) {
      if (business.last !== undefined && business.waiting && this.#holds(business.last)) {
        this.#bringIntoForce(business, business.last.row);
      }
      // Afterwards: what has just come into force is no late history.
      if (retry) this.#addLate(business);
    }
  }

  #bringIntoForce(business: Business, row: Shown): void {
    business.waiting = false;
    this.#coverYears(row);
    const inForce = business.history.at(-1);
    if (inForce === undefined || inForce.deleted || text(inForce.row) !== text(row)) {
      business.history.push({ row, deleted: false });
    }
  }

  #addLate(business: Business): void {
    for (const { row } of business.superseded.filter((state) => this.#holds(state))) {
      const known = [...business.history.map((each) => each.row), ...business.late].map(text);
      if (!known.includes(text(row))) business.late.push(row);
      this.#coverYears(row);
    }
    business.superseded = business.superseded.filter((state) => !this.#holds(state));
  }

  #holds({ row, bad }: SourceRow): boolean {
    return !bad && Object.entries(row).every(([column, value]) => this.#isKnown(partners[column], Number(value)));
  }

  /** Whether a partner is there to point at: it has been seen, and what it joins has. */
  #isKnown(table: Dimension | undefined, key: number): boolean {
    if (table === undefined) return true;
    const row = this.#seen.get(table)?.get(key)?.row;
    return row !== undefined && this.#joined(table, row) !== undefined;
  }

  #coverYears(row: Shown): void {
    for (const [column, value] of Object.entries(row))
      if (column.endsWith('_date')) this.#years.add(value!.slice(0, 4));
  }

  *#lines(): Generator<string> {
    for (const year of this.#years) yield shownLine('dim_date', Number(year), Number(year) % 4 === 0 ? '366' : '365');
    for (const [table, rows] of this.#shown) {
      for (const [key, row] of rows) yield shownLine(dimensions[table], key, row);
    }
    for (const [table, all] of this.#facts) {
      for (const [key, { history, late }] of all) {
        for (const [i, { row, deleted }] of history.entries()) {
          yield shownLine(`fact_${table}`, key, row, deleted ? 'deleted' : 'kept', i + 1);
        }
        for (const [i, row] of late.entries()) yield shownLine(`fact_${table}`, key, row, 'superseded', i + 1);
        const inForce = history.at(-1);
        if (inForce?.deleted === false) yield shownLine(`current_${table}`, key, inForce.row);
      }
    }
  }

  /** A row read again while a partner of its lacks a row of its own is set aside, though the warehouse has it. */
  #waiting(): readonly [number, number] {
    let least = 0;
    let most = 0;
    for (const table of ['staff', 'counterparty'] as const) {
      for (const [key, { row }] of this.#seen.get(table) ?? []) {
        if (this.#isGone(table, key) || this.#joined(table, row) !== undefined) continue;
        least++;
        most++;
      }
    }
    for (const all of this.#facts.values()) {
      for (const { last, waiting } of all.values()) {
        if (last === undefined || this.#holds(last)) continue;
        most++;
        if (waiting) least++;
      }
    }
    return [least, most];
  }
}

/**
 * A line for a row that a warehouse shows: of which table and key, the row, and of a fact what became of it and which
 * of its kind it is.
 */
export const shownLine = (name: string, key: number, row: Shown | string, fate = '', place?: number): string =>
  [name, key, fate, place ?? '', typeof row === 'string' ? row : text(row)].join(' ');

/** Lets a business row go on to a further state, or to none. */
function follow(business: Business, row: SourceRow | undefined): void {
  if (business.last !== undefined && business.waiting) business.superseded.push(business.last);
  business.last = row;
  business.waiting = row !== undefined;
}

const newBusiness = (): Business => ({ history: [], late: [], last: undefined, waiting: false, superseded: [] });

const isFact = (table: TableName): boolean => (facts as readonly string[]).includes(table);

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
