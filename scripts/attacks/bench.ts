import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { FolderStore, requestLook } from '../../packages/core/src/index.ts';
import { random, type Random } from '../../packages/cli/src/sampleData/random.ts';
import { generate } from '../../packages/cli/src/sampleData/generate.ts';
import { createDatabase, type TestDatabase } from '../jest/database.ts';
import { beginLate, change, type LateTransaction } from './changes.ts';
import type { Orders } from './inside/orders.ts';
import { LakeCheck } from './lakeCheck.ts';
import { ledger, Oracle } from './oracle.ts';
import { buildProgram, type Edit } from './program.ts';
import { attack, succeeded, type Attacked, type Ending } from './totes.ts';
import type { Verdict } from './verdict.ts';

/** Sales orders of a source at first: few, because every judgement reads them all. */
const orders = 30;

/** A replay reads all versions, so a lake that has more is left. */
const mostVersions = 8;

/** How long the server may take to notice that a client of its was killed. */
const mostSeconds = 30;

/**
 * `verify` heals: it asks for the rows that differ and runs the pipeline. `rebuild` is a replay from raw: of the processed
 * log too.
 */
export type Command = 'run' | 'ingest' | 'transform' | 'load' | 'verify' | 'replay' | 'rebuild';

/** Into an empty lake and warehouse, or on top of what earlier runs left. */
export type Scenario = 'first' | 'next';

/** The stages whose work a command continues. */
export const stagesBefore = (command: Command): readonly Command[] =>
  command === 'transform' || command === 'rebuild'
    ? ['ingest']
    : command === 'load' || command === 'replay'
      ? ['ingest', 'transform']
      : [];

export interface BenchOptions {
  readonly seed: number;
  readonly format: 'csv' | 'json';
  /** Whether the source has a table too that is written while it is read: more than is held in memory. */
  readonly large?: boolean;
}

/** Ten megabytes that hardly compress, in a table that no star uses. */
const largeTable = `
  CREATE TABLE attachment (attachment_id integer PRIMARY KEY, body text NOT NULL);
  INSERT INTO attachment
  SELECT n, (SELECT string_agg(md5(n::text || m), '') FROM generate_series(1, 320) AS m) FROM generate_series(1, 1000) AS n`;

/** Each version compacts the log, and merges all that is small: what happens every 64 versions is under attack in all. */
const compacting: readonly Edit[] = [
  { file: 'packages/transform/src/compact/compact.ts', find: 'compactAfter = 64;', replace: 'compactAfter = 1;' },
  { file: 'packages/transform/src/compact/tiers.ts', find: 'growth = 2;', replace: 'growth = Infinity;' },
];

/** The command line as it is but for that: one for all benches. */
let whole: Promise<string> | undefined;
const wholeProgram = (): Promise<string> => (whole ??= buildProgram(compacting));

/** A source, a lake, a warehouse, and somebody who knows what they must hold. */
export class Bench {
  readonly format: BenchOptions['format'];
  readonly dice: Random;
  readonly source: TestDatabase;
  readonly #folder: string;
  readonly #session: pg.Client;
  readonly #lateSession: pg.Client;
  #late: LateTransaction | undefined;
  #pipeline!: Pipeline;
  #pipelines = 0;
  #program: string;

  private constructor(
    { format, seed }: BenchOptions,
    source: TestDatabase,
    folder: string,
    sessions: readonly [pg.Client, pg.Client],
    program: string,
  ) {
    this.format = format;
    this.dice = random(seed);
    this.source = source;
    this.#folder = folder;
    this.#program = program;
    [this.#session, this.#lateSession] = sessions;
  }

  /** A filled source, and an empty lake and warehouse. */
  static async open(options: BenchOptions): Promise<Bench> {
    const source = await createDatabase();
    await generate({ url: source.url, orders, seed: options.seed });
    if (options.large === true) await source.query(largeTable);
    const folder = await mkdtemp(join(tmpdir(), 'totes-attack-'));
    const sessions = [await source.connect(), await source.connect()] as const;
    const bench = new Bench(options, source, folder, sessions, await wholeProgram());
    bench.#pipeline = await bench.#newPipeline();
    return bench;
  }

  /** The lake's folder. */
  get lake(): string {
    return this.#pipeline.lake;
  }

  get warehouse(): pg.Client {
    return this.#pipeline.session;
  }

  /** Makes the pipeline one that never ran, or one that ran before. */
  async prepare(scenario: Scenario): Promise<void> {
    if (scenario === 'first' || this.version > mostVersions) await this.#startAgain();
    if (scenario === 'first' || this.version > 0) return;
    await this.change();
    await this.run('run');
    await this.settle();
  }

  /** Puts an empty lake and warehouse in the place of those that are there. */
  async #startAgain(): Promise<void> {
    await this.#pipeline.warehouse.drop();
    await rm(this.lake, { recursive: true, force: true });
    this.#pipeline = await this.#newPipeline();
  }

  /**
   * Business goes on. The transaction that was open during the last look commits, so that the next one has to find what
   * it wrote; another one begins. Somebody asks for the payment that was deleted, unless `verify` is to find it.
   */
  async change(isAsked = true): Promise<void> {
    const deleted = await this.changeUnseen();
    if (isAsked) await this.#ask(deleted);
    await this.observe();
  }

  /** As `change`, while a look is being taken that must not show it: call `observe` once that look is settled. */
  async changeUnseen(): Promise<number> {
    await this.#late?.commit();
    const deleted = await change(this.#session, this.dice, orders);
    this.#late = await beginLate(this.#lateSession, this.dice, orders);
    return deleted;
  }

  /** Asks for a payment that is gone, and for rows that are there. */
  async #ask(deleted: number): Promise<void> {
    const some = this.dice.between(1, orders);
    await requestLook(
      new FolderStore(this.lake, 'ingestion'),
      { requestedBy: 'an attack', keys: { payment: [deleted, some], sales_order: [some] } },
      { runId: randomUUID(), now: new Date() },
    );
  }

  /** Notes the source's rows as what the next version has to show. */
  async observe(): Promise<void> {
    await this.#pipeline.oracle.observe(this.#session);
  }

  /** Breaks every process that is started from now on, on purpose. */
  async sabotage(edits: readonly Edit[]): Promise<void> {
    this.#program = await buildProgram([...compacting, ...edits]);
  }

  /** Starts a command on this pipeline. */
  start(command: Command, given: Orders = {}, killAfter?: number): Attacked {
    const source = ['--source', this.source.url, '--raw-format', this.format];
    const warehouse = ['--warehouse', this.#pipeline.warehouse.url];
    const options = {
      run: [...source, ...warehouse],
      ingest: source,
      transform: [],
      load: warehouse,
      verify: ['--source', this.source.url, ...warehouse, '--heal'],
      replay: warehouse,
      rebuild: [...warehouse, '--from-raw'],
    };
    const name = command === 'rebuild' ? 'replay' : command;
    return attack(this.#program, [name, '--lake', this.lake, ...options[command]], given, killAfter);
  }

  /** Runs a command that nobody attacks. Throws Error where it fails. */
  async run(command: Command, given: Orders = {}): Promise<Ending> {
    const ending = await this.start(command, given).ended;
    if (succeeded(ending)) return ending;
    throw new Error(`exit: totes ${command} ended with ${ending.signal ?? String(ending.code)}: ${ending.errors}`);
  }

  /**
   * Takes note of a version that was committed since the last time: it must show what was observed last. Resolves to
   * what is wrong with the lake.
   */
  async settle(): Promise<string[]> {
    const { oracle, lakeCheck } = this.#pipeline;
    const head = await lakeCheck.head('ingestion');
    const problems: string[] = [];
    for (let version = oracle.version + 1; version <= head; version++) {
      const { requests, keys } = await lakeCheck.served(version, 'payment');
      if (!oracle.hasNews() && requests === 0 && !(await this.#mayRepeat(version))) {
        problems.push(`lake: version ${version} shows nothing new`);
      }
      oracle.committed(keys);
    }
    return [...problems, ...(await lakeCheck.problems())];
  }

  /**
   * Whether rows may be sent again in a version: those written after a transaction of somebody else began that the look
   * before saw running. Other databases of the server have some; one that ends while a look begins is taken for ours.
   */
  async #mayRepeat(version: number): Promise<boolean> {
    const running = await this.#pipeline.lakeCheck.running(version - 1);
    return running.some((transaction) => transaction !== this.#late?.id);
  }

  /** The newest version of the raw log that was settled. */
  get version(): number {
    return this.#pipeline.oracle.version;
  }

  /**
   * Judges what is visible now. Waits first until the server has let go of clients that were killed: what they sent last
   * may still take effect.
   *
   * @param level whether the warehouse must show what was observed last
   * @param healed whether it must lack what the source has deleted, though nobody asked
   */
  async judge(level: boolean, healed = false): Promise<Verdict> {
    await Promise.all([quiet(this.#session), quiet(this.warehouse)]);
    const problems = await this.settle();
    const { oracle, lakeCheck } = this.#pipeline;
    const versions = await ledger(this.warehouse);
    const loaded = versions.at(-1) ?? 0;
    if (versions.some((version, place) => version !== place + 1)) {
      problems.push(`ledger: it has versions ${versions.join(', ')}, not each one once`);
    }
    if (level) {
      if (oracle.hasNews()) problems.push('level: the source has changed, and no look at it became a version');
      if (loaded < this.version)
        problems.push(`level: the warehouse is at version ${loaded}, the lake at ${this.version}`);
      if ((await lakeCheck.unserved(this.version)) > 0) problems.push('level: a request waits though a run has ended');
      problems.push(...(await lakeCheck.unexplained(oracle.setAside())));
    }
    if (healed) problems.push(...oracle.undeleted().map((key) => `level: payment ${key} is deleted and still current`));
    const verdict = await oracle.judge(this.warehouse, loaded);
    verdict.problems.unshift(...problems);
    return verdict;
  }

  /** Waits until a command waits for a lock in the warehouse, or until it is told to stop. */
  blocked(stop: AbortSignal): Promise<void> {
    return untilBlocked(this.warehouse, stop);
  }

  async close(): Promise<void> {
    await Promise.all([this.source.drop(), this.#pipeline.warehouse.drop()]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #newPipeline(): Promise<Pipeline> {
    const lake = join(this.#folder, `lake-${++this.#pipelines}`);
    const warehouse = await createDatabase();
    const pipeline = { warehouse, session: await warehouse.connect(), lake, lakeCheck: new LakeCheck(lake) };
    return { ...pipeline, oracle: new Oracle() };
  }
}

interface Pipeline {
  readonly warehouse: TestDatabase;
  readonly session: pg.Client;
  readonly lake: string;
  readonly lakeCheck: LakeCheck;
  readonly oracle: Oracle;
}

/** Waits until a command waits for a lock of another's. Ends without a word when it is told to. */
async function untilBlocked(session: pg.Client, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const { rows } = await session.query<{ waiting: number }>(
      `SELECT count(*)::int AS waiting FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE 'totes %' AND wait_event_type = 'Lock'`,
    );
    if (rows[0]!.waiting > 0) return;
    await sleep(20);
  }
}

/** Waits until no command is connected to a database any more. Throws Error where one stays. */
async function quiet(session: pg.Client): Promise<void> {
  const end = performance.now() + mostSeconds * 1000;
  for (;;) {
    const { rows } = await session.query<{ busy: number }>(
      `SELECT count(*)::int AS busy FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE 'totes %'`,
    );
    if (rows[0]!.busy === 0) return;
    if (performance.now() > end) throw new Error(`a killed client stays connected for ${mostSeconds} seconds`);
    await sleep(5);
  }
}
