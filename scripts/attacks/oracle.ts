import type pg from 'pg';
import { asText, expectations } from '../../packages/cli/test/compare.ts';
import { impossibleDate } from './changes.ts';
import { clean, compareStates, type States, type Verdict } from './verdict.ts';

const facts = ['sales_order', 'purchase_order', 'payment'] as const;
const recordKeys = {
  sales_order: 'sales_record_id',
  purchase_order: 'purchase_record_id',
  payment: 'payment_record_id',
} as const;

/** Rows by relation and key. */
type Contents = ReadonlyMap<string, States>;

/** What the warehouse must hold at one version. */
interface Version {
  /** Dimensions and current views. */
  readonly current: Contents;
  /** All states of the rows of the facts, by the names of their current views. */
  readonly history: Contents;
}

const relations = Object.keys(expectations);
const isFact = (relation: string): boolean => relation.startsWith('current_');
/** The one table of which the attacks delete rows. */
const deletedFrom = 'current_payment';

/**
 * Knows what each version has to show, because it reads the source itself while nobody writes to it. It shares nothing
 * with the pipeline but the tables' names.
 */
export class Oracle {
  readonly #versions: Version[] = [{ current: new Map(), history: new Map() }];
  /** By version: the keys of the sales orders that have an impossible date. */
  readonly #broken: string[][] = [[]];
  #observed: Contents = new Map();
  #observedBroken: string[] = [];

  /** The newest version that it knows of. */
  get version(): number {
    return this.#versions.length - 1;
  }

  /** Reads the source's rows as they are now. */
  async observe(source: pg.Client): Promise<void> {
    const observed = new Map<string, States>();
    const broken: string[] = [];
    for (const relation of relations) {
      const rows = await rowsOf(source, expectations[relation]!.source);
      // Only sales orders are ever broken, and text that looks like it stands nowhere else.
      const isBroken = (row: string): boolean =>
        relation === 'current_sales_order' && row.includes(`'${impossibleDate}'`);
      broken.push(...rows.filter(isBroken).map(keyOf));
      observed.set(relation, statesOf(rows.filter((row) => !isBroken(row))));
    }
    this.#observed = observed;
    this.#observedBroken = broken;
  }

  /** Whether the source was seen with rows that no version shows. */
  hasNews(): boolean {
    const { current } = this.#versions.at(-1)!;
    return [...this.#observed].some(([relation, now]) =>
      [...now].some(([key, [state]]) => current.get(relation)?.get(key)?.[0] !== state),
    );
  }

  /** The payments that are current though the source has deleted them. */
  undeleted(): string[] {
    const [current, now] = [this.#versions.at(-1)!.current.get(deletedFrom), this.#observed.get(deletedFrom)];
    return [...(current?.keys() ?? [])].filter((key) => now?.has(key) === false);
  }

  /**
   * Says that a look at what was observed last became the next version.
   *
   * @param asked the keys of payments that it was asked to look for: those that are not there are deleted
   */
  committed(asked: ReadonlySet<string>): void {
    const before = this.#versions.at(-1)!;
    const [current, history] = [new Map<string, States>(), new Map<string, States>()];
    for (const relation of relations) {
      const now = this.#observed.get(relation)!;
      const known = before.current.get(relation) ?? new Map<string, readonly string[]>();
      const isGone = (key: string): boolean => relation === deletedFrom && asked.has(key) && !now.has(key);
      const kept = isFact(relation) ? [...known].filter(([key]) => !isGone(key)) : [];
      current.set(relation, new Map([...kept, ...now]));
      if (isFact(relation)) history.set(relation, appended(before.history.get(relation) ?? new Map(), known, now));
    }
    this.#versions.push({ current, history });
    this.#broken.push(this.#observedBroken);
  }

  /** By version: the keys of the sales orders that came to be broken in it. */
  setAside(): readonly (readonly string[])[] {
    return this.#broken.map((keys, version) => keys.filter((key) => !(this.#broken[version - 1] ?? []).includes(key)));
  }

  /** Holds the warehouse against a version: all its history, what is current, and the ledger. */
  async judge(warehouse: pg.Client, version: number): Promise<Verdict> {
    const verdict = clean();
    const expected = this.#versions[version];
    if (expected === undefined) {
      verdict.problems.push(
        `ledger: the warehouse is at version ${version}, and no look made more than ${this.version}`,
      );
      return verdict;
    }
    const present = await names(warehouse);
    for (const relation of relations) {
      const there = present.has(relation) ? await rowsOf(warehouse, expectations[relation]!.warehouse) : [];
      compareStates(verdict, relation, expected.current.get(relation) ?? new Map(), statesOf(there));
    }
    for (const fact of facts) {
      const history = present.has(`fact_${fact}`) ? await rowsOf(warehouse, historyOf(fact)) : [];
      const seen = expected.history.get(`current_${fact}`) ?? new Map<string, readonly string[]>();
      compareStates(verdict, `fact_${fact}`, seen, statesOf(history));
    }
    return verdict;
  }
}

/** The versions that the ledger shows of the schema in use, in order; none where there is no ledger. */
export async function ledger(warehouse: pg.Client): Promise<number[]> {
  const { rows: found } = await warehouse.query<{ there: boolean }>(
    `SELECT to_regclass('etl.load_log') IS NOT NULL AS there`,
  );
  if (found[0]?.there !== true) return [];
  const { rows } = await warehouse.query<{ version: string }>(
    `SELECT version FROM etl.load_log WHERE warehouse_schema = 'public' ORDER BY version`,
  );
  return rows.map(({ version }) => Number(version));
}

/** The rows of a select as one text each, in the order that the select gives them. */
async function rowsOf(database: pg.Client, select: string): Promise<string[]> {
  return (await database.query<{ row: string }>(asText(select))).rows.map(({ row }) => row);
}

/** All versions of a fact's rows in the order in which they came, with the columns of its current view. */
const historyOf = (fact: (typeof facts)[number]): string =>
  `${expectations[`current_${fact}`]!.warehouse.replace(`current_${fact}`, `fact_${fact}`)} ORDER BY ${recordKeys[fact]}`;

async function names(warehouse: pg.Client): Promise<Set<string>> {
  const { rows } = await warehouse.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace('public')`,
  );
  return new Set(rows.map(({ name }) => name));
}

const keyOf = (row: string): string => row.slice(0, row.indexOf(','));

/** Rows by their key, which is their first column. */
function statesOf(rows: readonly string[]): Map<string, string[]> {
  const states = new Map<string, string[]>();
  for (const row of rows) {
    const key = keyOf(row);
    states.set(key, [...(states.get(key) ?? []), row]);
  }
  return states;
}

/** The history before, and the states of now that differ from what was current. */
function appended(history: States, current: States, now: States): States {
  const after = new Map(history);
  for (const [key, [state]] of now) {
    if (state !== undefined && current.get(key)?.[0] !== state) after.set(key, [...(history.get(key) ?? []), state]);
  }
  return after;
}
