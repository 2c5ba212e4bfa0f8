import type { Edit } from './program.ts';
import { asleepAt, killedAt, readMeanwhile, refused, runs, tampered, type Probe } from './probes.ts';

/** The pipeline broken on purpose, and what has to notice. */
export interface Defect {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly probe: Probe;
  /** The check that must catch it: the word before the colon of a problem, `rows` for lost, doubled and altered ones. */
  readonly check: 'rows' | 'ledger' | 'lake' | 'level' | 'exit' | 'race' | 'refusal' | 'quarantine';
}

const edit = (file: string, find: string, replace: string): Edit => ({ file: `packages/${file}`, find, replace });

const snapshot = 'core/src/postgres/snapshot.ts';
const folderStore = 'core/src/lake/folderStore.ts';
const writtenSince = `export function writtenSince({ xmin }: Snapshot, column = 'xmin'): string {`;
const keepFirstRow = edit(
  'load/src/sql/ledger.ts',
  'FROM etl.load_log WHERE warehouse_schema = $1`;\n\nconst isoTime',
  'FROM etl.load_log WHERE warehouse_schema = $1 ON CONFLICT DO NOTHING`;\n\nconst isoTime',
);

export const defects: readonly Defect[] = [
  {
    name: 'the watermark moves past transactions that are still open',
    edits: [edit(snapshot, writtenSince, writtenSince.replace('xmin }', 'xmax: xmin }'))],
    probe: runs,
    check: 'rows',
  },
  {
    name: 'visibility is asked of a snapshot, which does not list subtransactions',
    edits: [
      edit(
        snapshot,
        writtenSince,
        `${writtenSince.replace('xmin }', 'xmin, xmax, running }')}
  if (column !== '') return \`NOT pg_visible_in_snapshot(\${column}::text::xid8, '\${xmin}:\${xmax}:\${running.join(',')}')\`;`,
      ),
    ],
    probe: runs,
    check: 'rows',
  },
  {
    name: 'changes are found by last_updated alone',
    edits: [
      edit(
        snapshot,
        writtenSince,
        `${writtenSince}\n  if (column === 'xmin') return "last_updated >= now() AT TIME ZONE 'UTC' - interval '10 minutes'";`,
      ),
    ],
    probe: runs,
    check: 'rows',
  },
  {
    name: 'each table is read in a snapshot of its own',
    edits: [
      edit('core/src/postgres/inSnapshot.ts', 'ISOLATION LEVEL REPEATABLE READ', 'ISOLATION LEVEL READ COMMITTED'),
    ],
    probe: readMeanwhile,
    check: 'rows',
  },
  {
    name: 'put-if-absent overwrites',
    edits: [
      edit(folderStore, 'await link(draft, path);', `await (await import('node:fs/promises')).rename(draft, path);`),
    ],
    probe: asleepAt('ingest', 'putIfAbsent ingestion/log, before'),
    check: 'lake',
  },
  {
    name: 'a manifest is committed before its objects are written',
    edits: [
      edit(
        folderStore,
        'return this.#create(key, (file) => this.#write(file, body));',
        `const deferred: (() => Promise<unknown>)[] = ((globalThis as any).deferred ??= []);
    if (!key.startsWith('log/')) return deferred.push(() => this.#create(key, (file) => this.#write(file, body))) > 0;
    const isNew = await this.#create(key, (file) => this.#write(file, body));
    for (const write of deferred.splice(0)) await write();
    return isNew;`,
      ),
    ],
    probe: killedAt('link ingestion/log, after'),
    check: 'lake',
  },
  {
    name: 'checksums are not verified',
    edits: [
      edit('core/src/lake/lake.ts', 'if (bytes === ref.bytes && digest === ref.sha256) return;', 'if (digest) return;'),
    ],
    probe: tampered,
    check: 'refusal',
  },
  {
    name: 'amounts pass through a floating-point number',
    edits: [
      edit(
        'core/src/columnar/decimal.ts',
        'writeLarge(words, row, negative ? -magnitude : magnitude);',
        'writeLarge(words, row, BigInt(Number(negative ? -magnitude : magnitude)));',
      ),
    ],
    probe: runs,
    check: 'rows',
  },
  {
    name: 'a row that breaks a rule is left out without a word',
    edits: [
      edit(
        'transform/src/quarantine.ts',
        'this.#unwritten.push(row);',
        'if (row.version < 0) this.#unwritten.push(row);',
      ),
    ],
    probe: runs,
    check: 'quarantine',
  },
  {
    name: 'the state of joins is not carried on',
    edits: [
      edit(
        'transform/src/transform.ts',
        'state: await readState(processed.store, manifest) };',
        'state: await readState(processed.store, undefined) };',
      ),
    ],
    probe: runs,
    check: 'rows',
  },
  {
    name: 'a compaction leaves a version out',
    edits: [edit('transform/src/compact/compact.ts', '(last?.to ?? 0) + 1;', '(last?.to ?? 0) + 2;')],
    probe: runs,
    check: 'lake',
  },
  {
    name: 'a fact is compared without its key',
    edits: [edit('load/src/sql/inForce.ts', 'WHERE version.${key} = staged.${key} AND NOT EXISTS', 'WHERE NOT EXISTS')],
    probe: runs,
    check: 'rows',
  },
  {
    name: 'a fact with the same last_updated counts as known',
    edits: [
      edit(
        'load/src/sql/merge.ts',
        `OR (\${valuesOf(fact, 'staged')}) IS DISTINCT FROM (\${valuesOf(fact, 'in_force')})`,
        `OR (\${list(versionColumns, 'staged')}) IS DISTINCT FROM (\${list(versionColumns, 'in_force')})`,
      ),
    ],
    probe: runs,
    check: 'rows',
  },
  {
    name: 'a fact is compared with its first version, not with the one in force',
    edits: [edit('load/src/sql/inForce.ts', 'DESC LIMIT 1', 'LIMIT 1')],
    probe: runs,
    check: 'rows',
  },
  {
    name: 'tombstones are passed over',
    edits: [edit('load/src/loadTable.ts', 'manifest.deleted?.[table.name]', 'manifest.deleted?.nothing')],
    probe: runs,
    check: 'rows',
  },
  {
    name: 'a commit that lost the race counts as won',
    edits: [
      edit(
        'ingest/src/ingest.ts',
        'if (await raw.log.commit(manifest))',
        'if ((await raw.log.commit(manifest)) || true)',
      ),
    ],
    probe: asleepAt('ingest', 'putIfAbsent ingestion/log, before'),
    check: 'race',
  },
  {
    name: 'the fence is looked at before the lock is held',
    edits: [
      edit(
        'load/src/load.ts',
        'await dialect.migrate(warehouse);',
        '(globalThis as any).loaded = loadedVersion(survey, lake.lakeId);\n    await dialect.migrate(warehouse);',
      ),
      edit(
        'load/src/advance.ts',
        'const step = nextStep(survey, lake, adopt);',
        `const seen = nextStep(survey, lake, adopt);
  const next = ++(globalThis as any).loaded;
  const step = next > lake.version ? undefined : { version: next, afresh: seen?.afresh ?? false };`,
      ),
      keepFirstRow,
    ],
    probe: asleepAt('load', 'BEGIN ISOLATION LEVEL, before'),
    check: 'rows',
  },
  {
    name: 'nobody waits for the lock',
    edits: [edit('load/src/sql/transaction.ts', 'SELECT pg_advisory_xact_lock(', 'SELECT pg_try_advisory_xact_lock(')],
    probe: asleepAt('load', 'INSERT INTO etl.load_log, before'),
    check: 'race',
  },
  {
    name: 'the ledger is written in a transaction of its own',
    edits: [
      edit(
        'load/src/loadVersion.ts',
        'await ledger.record(',
        `await warehouse.query('COMMIT');\n  await warehouse.query('BEGIN');\n  await ledger.record(`,
      ),
    ],
    probe: killedAt('INSERT INTO etl.load_log, before'),
    check: 'rows',
  },
  {
    name: 'load reports success whatever happened',
    edits: [
      edit(
        'load/src/load.ts',
        `throw failure('warehouse', whereIs(warehouse), error);`,
        `console.error(failure('warehouse', whereIs(warehouse), error).message);\n    return summary(0, []);`,
      ),
    ],
    probe: refused,
    check: 'exit',
  },
];
