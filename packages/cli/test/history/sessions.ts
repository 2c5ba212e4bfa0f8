import pg from 'pg';
import { tableNames, type Session, type Step, type TableName, type Values } from './step.ts';
import { pools } from './values.ts';

type Write = Extract<Step, { readonly do: 'insert' | 'update' | 'rekey' | 'delete' | 'lock' }>;
/** What a session does, or the database's administrator. */
export type SourceStep = Exclude<
  Step,
  | { readonly do: 'request' }
  | { readonly do: 'retry' }
  | { readonly do: 'ingest' }
  | { readonly do: 'transform' | 'load' }
>;

const longAgo = '2024-01-01 00:00:00';
const stocked = [1, 2, 3];

/** Connections on which transactions run side by side. None ever waits for another: what it cannot have at once it leaves. */
export class Sessions {
  readonly #clients: readonly pg.Client[];
  readonly #database: string;
  /** Of the sessions that are in a transaction, how many savepoints stand. */
  readonly #savepoints = new Map<Session, number>();
  #prepared: string[] = [];
  #moments = 0;
  #names = 0;
  /** Statements that were sent to the source. */
  operations = 0;

  /** @param clients one for each session */
  constructor(clients: readonly pg.Client[]) {
    this.#clients = clients;
    this.#database = String(clients[0]!.database);
  }

  /** Ends what an earlier history left, and puts the shop's first rows in the place of all that is there. */
  async reset(isStocked: boolean): Promise<void> {
    await this.end('abort');
    this.#moments = 0;
    const tables = isStocked ? tableNames : [];
    const rows = tables.flatMap((table) =>
      (table in facts ? stocked.slice(0, 2) : stocked).map((key) => insert(table, key, firstValues(table), longAgo)),
    );
    await this.#run(0, [...tableNames.map((table) => `DELETE FROM ${table}`), ...rows].join(';\n'));
  }

  /** Ends all transactions, prepared ones too. */
  async end(how: 'commit' | 'abort'): Promise<void> {
    for (const session of this.#savepoints.keys()) await this.take({ do: how, session });
    while (this.#prepared.length > 0) await this.take({ do: `${how}Prepared` });
  }

  async take(step: SourceStep): Promise<void> {
    switch (step.do) {
      case 'insert':
      case 'update':
      case 'rekey':
      case 'delete':
      case 'lock':
        return this.#write(step);
      case 'reload':
        return this.#reload(step.table, step.without);
      case 'vacuum':
        return this.#run(0, 'VACUUM (FREEZE, TRUNCATE off) staff, sales_order, payment');
      case 'commitPrepared':
      case 'abortPrepared': {
        const name = this.#prepared.shift();
        const verb = step.do === 'commitPrepared' ? 'COMMIT' : 'ROLLBACK';
        return name === undefined ? undefined : this.#run(0, `${verb} PREPARED '${name}'`);
      }
      default:
        return this.#control(step.do, step.session);
    }
  }

  async #control(
    what: 'savepoint' | 'rollbackTo' | 'release' | 'commit' | 'abort' | 'prepare',
    session: Session,
  ): Promise<void> {
    const depth = this.#savepoints.get(session);
    if (depth === undefined) return;
    switch (what) {
      case 'savepoint':
        this.#savepoints.set(session, depth + 1);
        return this.#run(session, `SAVEPOINT s${depth + 1}`);
      case 'rollbackTo':
        return depth === 0 ? undefined : this.#run(session, `ROLLBACK TO SAVEPOINT s${depth}`);
      case 'release':
        if (depth === 0) return;
        this.#savepoints.set(session, depth - 1);
        return this.#run(session, `RELEASE SAVEPOINT s${depth}`);
      case 'prepare': {
        // The names of prepared transactions are the whole server's.
        const name = `${this.#database} ${++this.#names}`;
        this.#savepoints.delete(session);
        await this.#run(session, `PREPARE TRANSACTION '${name}'`);
        this.#prepared.push(name);
        return;
      }
      default:
        this.#savepoints.delete(session);
        return this.#run(session, what === 'commit' ? 'COMMIT' : 'ROLLBACK');
    }
  }

  async #write(step: Write): Promise<void> {
    const { session } = step;
    const begins = session !== 0 && !this.#savepoints.has(session);
    if (begins) this.#savepoints.set(session, 0);
    await this.#run(session, `${begins ? 'BEGIN; ' : ''}${this.#statement(step)}`);
  }

  #statement(step: Write): string {
    const { table, key } = step;
    const here = `${table}_id = ${key} AND ${held(table, key)}`;
    switch (step.do) {
      case 'insert':
        return insert(table, key, step.values, this.#newMoment());
      case 'update': {
        const stamps = { kept: {}, new: { last_updated: this.#newMoment() }, ...fixedStamps };
        const values = Object.entries({ ...step.values, ...stamps[step.stamp] });
        return `UPDATE ${table} SET ${values.map(([column, value]) => `${column} = ${literal(value)}`).join(', ')} WHERE ${here}`;
      }
      case 'rekey':
        return `UPDATE ${table} SET ${table}_id = ${step.to} WHERE ${here} AND ${free(table, step.to)}`;
      case 'delete':
        return `DELETE FROM ${table} WHERE ${here}`;
      case 'lock':
        return `SELECT FROM ${table} WHERE ${here} FOR ${key % 2 === 0 ? 'KEY SHARE' : 'UPDATE'}`;
    }
  }

  /** Empties a table and fills it anew without one of its rows, unless some transaction has touched it. */
  async #reload(table: TableName, without: number): Promise<void> {
    try {
      await this.#run(0, `BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE NOWAIT`);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError && error.code === lockNotAvailable)) throw error;
      return this.#run(0, 'ROLLBACK');
    }
    await this.#run(
      0,
      `CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM ${table} WHERE ${table}_id <> ${without};
       TRUNCATE ${table}; INSERT INTO ${table} SELECT * FROM kept; COMMIT`,
    );
  }

  #newMoment(): string {
    return `2024-03-01 00:00:${String(++this.#moments % 60).padStart(2, '0')}.${String(Math.floor(this.#moments / 60)).padStart(3, '0')}`;
  }

  async #run(session: Session, sql: string): Promise<void> {
    this.operations++;
    await this.#clients[session]!.query(sql);
  }
}

const lockNotAvailable = '55P03';
const facts = { sales_order: true, purchase_order: true, payment: true };
const fixedStamps = { past: { last_updated: longAgo }, tied: { last_updated: '2024-06-01 12:00:00.001' } };

const firstValues = (table: TableName): Values =>
  Object.fromEntries(Object.entries(pools[table]).map(([column, values]) => [column, values[0]!]));

const insert = (table: TableName, key: number, values: Values, at: string): string => {
  const row = { [`${table}_id`]: key, created_at: longAgo, last_updated: at, ...values };
  return `INSERT INTO ${table} (${Object.keys(row).join(', ')})
    SELECT ${Object.values(row).map(literal).join(', ')} WHERE ${free(table, key)}`;
};

/** Every writer of a row asks for this first, so that none waits for another's. Goes with the transaction, or its savepoint. */
const held = (table: TableName, key: number): string =>
  `pg_try_advisory_xact_lock(${tableNames.indexOf(table)}, ${key})`;

const free = (table: TableName, key: number): string =>
  `${held(table, key)} AND NOT EXISTS (SELECT FROM ${table} WHERE ${table}_id = ${key})`;

const literal = (value: Values[string]): string => {
  if (value === null) return 'NULL';
  return typeof value === 'string' ? pg.escapeLiteral(value) : String(value);
};
