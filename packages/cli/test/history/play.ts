import { requestLook, type ProcessedManifest } from '@totes/core';
import { ingest } from '@totes/ingest';
import { load } from '@totes/load';
import { transform } from '@totes/transform';
import { lookAt, type SourceRows } from './look.ts';
import { Oracle, type Asked, type Expected } from './oracle.ts';
import { emptyLake, emptyWarehouse, type MemoryLake, type Shop, type Side } from './shop.ts';
import { tableNames, type History, type Step } from './step.ts';
import { shownLines } from './warehouse.ts';

/** What playing a history came to. */
export interface Played {
  /** Statements sent to the source, and calls of stages. */
  readonly operations: number;
  readonly versions: number;
  /** Rows of facts in the warehouse at the end. */
  readonly facts: number;
}

/** The keys that histories use, and one more. */
const allKeys = [1, 2, 3, 4, 5, 6];
const nothing: Asked = { keys: [], retry: false };
const codeVersion = 'random histories';
const now = (): Date => new Date();

/**
 * Lets a history happen and moves it through the pipeline, comparing what the warehouse shows after each load with what
 * the looks saw. Then all that was deleted is asked for, and the warehouse must be the source; and as the history says, a
 * part is done again: the same versions transformed give the same objects, a warehouse loaded from the same lake or filled
 * from one look at the final state shows what it must. Throws an Error that says what differs.
 */
export async function play(shop: Shop, history: History): Promise<Played> {
  const before = shop.sessions.operations;
  await shop.sessions.reset(history.stocked);
  await emptyWarehouse(shop.warehouse);
  const player = new Player(shop);
  for (const step of history.steps) await player.take(step);
  await shop.sessions.end(history.endsWith);
  const facts = await player.finish(history.again);
  return {
    operations: shop.sessions.operations - before + player.stages,
    versions: await player.lake.raw.log.head(),
    facts,
  };
}

class Player {
  readonly lake = emptyLake();
  stages = 0;
  readonly #shop: Shop;
  readonly #oracle = new Oracle();
  /** By version; of version 0, nothing. */
  readonly #expected: Expected[] = [{ lines: new Set(), waiting: [0, 0] }];
  #asked = nothing;
  #runs = 0;

  constructor(shop: Shop) {
    this.#shop = shop;
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'ingest':
        return this.#ingest(step);
      case 'transform':
        return this.#transform(step.runs);
      case 'load':
        return this.#load(this.#shop.warehouse, step.runs);
      case 'request':
        return this.#request({ keys: step.keys.map((key) => ({ table: step.table, key })), retry: false });
      case 'retry':
        return this.#request({ keys: [], retry: true });
      default:
        return this.#shop.sessions.take(step);
    }
  }

  /** Brings everything to its end and looks at it from all sides. Gives the number of fact rows. */
  async finish(again: History['again']): Promise<number> {
    // Not the keys that are there: to read all rows again would heal what the looks before have missed.
    const rows = await lookAt(this.#shop.source.clients[0]);
    const all = tableNames.flatMap((table) => allKeys.map((key) => ({ table, key })));
    await this.#request({ keys: all.filter(({ table, key }) => !rows.get(table)!.has(key)), retry: true });
    await this.#ingest({ format: 'csv', runs: 1, meanwhile: [] });
    await this.#transform(1);
    await this.#load(this.#shop.warehouse, 1);
    this.#showsFinalState(rows);
    if (again === 'transform') await this.#transformAgain();
    if (again === 'load') await this.#loadAgain();
    if (again === 'all') await this.#fromOneLook();
    return [...this.#expected.at(-1)!.lines].filter((line) => line.startsWith('fact_')).length;
  }

  async #request(asked: Asked): Promise<void> {
    const keys: Record<string, number[]> = {};
    for (const { table, key } of asked.keys) (keys[table] ??= []).push(key);
    const wanted = { requestedBy: 'random histories', keys, ...(asked.retry ? { retry: true as const } : {}) };
    await requestLook(this.lake.raw.store, wanted, { runId: this.#runId(), now: now() });
    this.#asked = { keys: [...this.#asked.keys, ...asked.keys], retry: this.#asked.retry || asked.retry };
  }

  async #ingest({ format, runs, meanwhile }: Omit<Extract<Step, { do: 'ingest' }>, 'do'>): Promise<void> {
    const { source } = this.#shop;
    const rows = await lookAt(source.clients[0]);
    let others: Promise<void> | undefined;
    const looks = this.#together(runs, (run) =>
      ingest({
        source: source.clients[run]!,
        raw: this.lake.raw,
        options: { format },
        runId: this.#runId(),
        codeVersion,
        now,
        // The snapshot is there by the time that a row is read: what others do from now on is for the next look.
        onProgress: () => {
          others ??= this.#meanwhile(meanwhile);
        },
      }),
    );
    const results = await looks.finally(() => others);
    const versions = results.filter(({ committed }) => committed).map(({ version }) => version);
    // While an old transaction is open, a second look finds the rows again that may be new for all it knows.
    for (const version of versions.toSorted((a, b) => a - b)) {
      if (version !== this.#expected.length)
        throw new Error(`ingest made version ${version} after ${this.#expected.length - 1}`);
      this.#expected.push(this.#oracle.look(rows, this.#asked));
      this.#asked = nothing;
    }
    const unseen = this.#oracle.unseen(rows);
    if (unseen !== undefined) throw new Error(`ingest found nothing new, but no look has seen ${unseen}`);
    if (this.#asked !== nothing) throw new Error('ingest left requests open');
  }

  async #meanwhile(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.take(step);
  }

  async #transform(runs: 1 | 2): Promise<void> {
    const head = await this.lake.raw.log.head();
    const results = await this.#together(runs, () =>
      transform({ ...this.lake, runId: this.#runId(), codeVersion, now }),
    );
    const [least, most] = this.#expected[head]!.waiting;
    for (const { version, waiting } of results) {
      if (version !== head) throw new Error(`transform came to version ${version}, not to ${head}`);
      if (waiting >= least && waiting <= most) continue;
      throw new Error(`${waiting} rows wait in quarantine after version ${head}, expected ${least} to ${most}`);
    }
  }

  async #load(side: Side, runs: 1 | 2): Promise<void> {
    const { processed } = this.lake;
    const head = await processed.log.head();
    const results = await this.#together(runs, (run) =>
      load({ warehouse: side.clients[run]!, processed, schema: 'public', codeVersion }),
    );
    const loaded = results.flatMap(({ versions }) => versions);
    if (new Set(loaded).size < loaded.length) throw new Error(`versions were loaded twice: ${loaded.join(', ')}`);
    for (const { version } of results) {
      if (version !== head) throw new Error(`load came to version ${version}, not to ${head}`);
    }
    if (head > 0) await compare(side, this.#expected[head]!, `after version ${head}`);
  }

  /** What one look at the final state has to show is there, however it came about. */
  #showsFinalState(rows: SourceRows): void {
    const { lines } = this.#expected.at(-1)!;
    for (const line of new Oracle().look(rows, nothing).lines) {
      const isOfNow = line.startsWith('dim_') || line.startsWith('current_');
      if (isOfNow && !lines.has(line)) throw new Error(`the looks come to another end than the source: ${line}`);
    }
  }

  /** What transform writes depends on the raw log alone: a second processed log has the same objects. */
  async #transformAgain(): Promise<void> {
    const { raw, processed } = this.lake;
    const again: MemoryLake = { raw, processed: emptyLake().processed };
    const { version } = await transform({ ...again, runId: this.#runId(), codeVersion, now });
    for (let each = 1; each <= version; each++) {
      const [first, second] = [written(await processed.log.read(each)), written(await again.processed.log.read(each))];
      if (first !== second) throw new Error(`version ${each} transformed again differs: ${first} then ${second}`);
    }
  }

  /** An empty warehouse comes to show the same. */
  async #loadAgain(): Promise<void> {
    await emptyWarehouse(this.#shop.other);
    await this.#load(this.#shop.other, 1);
  }

  /** A lake and a warehouse that begin with the final state show that state. */
  async #fromOneLook(): Promise<void> {
    const { source, other } = this.#shop;
    const lake = emptyLake();
    const rows = await lookAt(source.clients[0]);
    const options = { format: 'json' } as const;
    await ingest({ source: source.clients[0], raw: lake.raw, options, runId: this.#runId(), codeVersion, now });
    await transform({ ...lake, runId: this.#runId(), codeVersion, now });
    await emptyWarehouse(other);
    await load({ warehouse: other.clients[0], processed: lake.processed, schema: 'public', codeVersion });
    await compare(other, new Oracle().look(rows, nothing), 'after one look at the final state');
  }

  async #together<T>(runs: 1 | 2, work: (run: number) => Promise<T>): Promise<T[]> {
    this.stages += runs;
    const all = Array.from({ length: runs }, (_, run) => work(run));
    // One that fails must not leave the other at work in what the next history finds.
    await Promise.allSettled(all);
    return Promise.all(all);
  }

  #runId(): string {
    return `run-${++this.#runs}`;
  }
}

/** What a version wrote, as text. */
const written = ({ tables, deleted, late, state, quarantine }: ProcessedManifest): string =>
  JSON.stringify({ tables, deleted, late, state, quarantine });

async function compare({ clients: [client] }: Side, { lines }: Expected, when: string): Promise<void> {
  const shown = await shownLines(client);
  const here = new Set(shown);
  const missing = [...lines].filter((line) => !here.has(line));
  const unexpected = shown.filter((line) => !lines.has(line));
  if (missing.length + unexpected.length === 0 && here.size === shown.length) return;
  throw new Error(
    [
      `the warehouse differs ${when}`,
      ...missing.map((line) => `- ${line}`),
      ...unexpected.map((line) => `+ ${line}`),
    ].join('\n'),
  );
}
