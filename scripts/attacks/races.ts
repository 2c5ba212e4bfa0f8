import { table } from '../../packages/cli/src/output.ts';
import { random, type Random } from '../../packages/cli/src/sampleData/random.ts';
import { stagesBefore, type Bench, type Command, type Scenario } from './bench.ts';
import { failureLines, tried, type Outcome } from './outcome.ts';
import { succeeded, type Attacked, type Ending } from './totes.ts';
import { isClean, type Verdict } from './verdict.ts';
import { onBenches } from './workers.ts';

/** Both at once, each delayed at random at every point; or one stopped at a point until the other is through. */
export type Race = {
  readonly scenario: Scenario;
  readonly command: Command;
} & ({ readonly jitter: number } | { readonly stallAt: string; readonly nth: number });

/** Points at which a process that sleeps can do the most harm when it wakes. */
const sleepers: Readonly<Record<Command, readonly string[]>> = {
  run: ['putIfAbsent ingestion/log, before', 'putIfAbsent processed/log, before', 'COMMIT, before'],
  ingest: ['putIfAbsent ingestion/raw, before', 'putIfAbsent ingestion/log, before', 'link ingestion/log, before'],
  transform: ['putIfAbsent processed/star, before', 'putIfAbsent processed/log, before', 'link processed/log, before'],
  verify: ['putIfAbsent ingestion/requests, before', 'putIfAbsent ingestion/log, before', 'COMMIT, before'],
  replay: ['BEGIN ISOLATION LEVEL, before', 'COPY staging_…, first chunk sent', 'COMMIT, before', 'COMMIT, after'],
  rebuild: ['putIfAbsent processed/log, before', 'link processed/log, before', 'COMMIT, before'],
  load: ['BEGIN ISOLATION LEVEL, before', 'COPY staging_…, first chunk sent', 'COMMIT, before', 'COMMIT, after'],
};

const commands = Object.keys(sleepers) as Command[];

/** What a race may end with, beside success: trying again is all that it asks for. */
const transient = ['CommitConflict', 'LakeUnavailable', 'SourceUnavailable', 'WarehouseUnavailable'];

/** The errors with which a rival may end, by name; throws Error for any other. */
function errorsOf(endings: readonly Ending[]): string[] {
  return endings.flatMap((ending) => {
    if (succeeded(ending)) return [];
    const { signal, result, errors } = ending;
    const name = result?.error?.name ?? signal ?? 'no error';
    if (transient.includes(name)) return [name];
    throw new Error(`race: the loser ended with ${name}: ${result?.error?.message ?? errors}`);
  });
}

/**
 * Two of the same command at once, then a whole run: one commit for each version, whatever the loser was doing, and
 * nothing in the warehouse but what was seen.
 */
export async function race(
  bench: Bench,
  { scenario, command, ...how }: Race,
): Promise<{ verdict: Verdict; lost: number }> {
  let lost = 0;
  const verdict = await tried(async () => {
    await bench.prepare(scenario);
    await bench.change();
    for (const before of stagesBefore(command)) await bench.run(before);
    await bench.settle();
    const before = bench.version;
    const endings = 'jitter' in how ? await together(bench, command, how.jitter) : await asleep(bench, command, how);
    lost = errorsOf(endings).length;
    const half = await bench.judge(false);
    half.problems.push(...claims(endings, bench.version - before));
    if (!isClean(half)) return half;
    await bench.change();
    await bench.run('run');
    return bench.judge(true);
  });
  return { verdict, lost };
}

function together(bench: Bench, command: Command, milliseconds: number): Promise<Ending[]> {
  const rivals = [0, 1].map(() => bench.start(command, { jitter: { seed: bench.dice.below(2 ** 31), milliseconds } }));
  return Promise.all(rivals.map(({ ended }) => ended));
}

/** One sleeps at the point; the other goes all the way, business goes on, a whole run brings it; then the one wakes. */
async function asleep(
  bench: Bench,
  command: Command,
  { stallAt, nth }: { readonly stallAt: string; readonly nth: number },
): Promise<Ending[]> {
  const sleeper = bench.start(command, { at: { act: 'stall', label: stallAt, nth } });
  const started = [sleeper];
  try {
    // A rival that waits for a lock of the sleeper's goes on only when that one wakes.
    const rival = async (each: Command): Promise<boolean> => {
      const { ended } = started[started.push(bench.start(each)) - 1]!;
      const stop = new AbortController();
      const passed = await Promise.race([ended.then(() => true), bench.blocked(stop.signal).then(() => false)]);
      stop.abort();
      return passed;
    };
    if ((await sleeper.stalled) && (await rival(command))) {
      const problems = await bench.settle();
      if (problems.length > 0) throw new Error(problems.join('; '));
      await bench.change();
      await rival('run');
    }
  } finally {
    sleeper.resume();
  }
  return Promise.all(started.map(({ ended }: Attacked) => ended));
}

/** Every version has one process that says that it made it. */
function claims(endings: readonly Ending[], made: number): string[] {
  const results = endings.flatMap(({ code, result }) => (code === 0 && result !== undefined ? [result] : []));
  const problems: string[] = [];
  const looks = results.filter(({ committed }) => committed === true).length;
  // One that was cut short after its commit has no result.
  if (looks > made) problems.push(`race: ${looks} processes say that they made ${made} versions`);
  for (const versions of [
    results.flatMap((each) => each.transformed ?? []),
    results.flatMap((each) => (each.tables === undefined ? (each.versions ?? []) : [])),
  ]) {
    if (new Set(versions).size < versions.length)
      problems.push(`race: versions ${versions.join(', ')} were made twice`);
  }
  return problems;
}

/** Races of every command, first and later, by chance and at chosen points; a round of a few, or a `share` of 25 rounds of all. */
export async function races(seed: number, share: number, progress: (line: string) => void): Promise<Outcome> {
  const dice = random(seed);
  const plan = planRaces(share, dice);
  const rows = new Map<string, [rounds: number, losers: number, wrong: number]>();
  const failures: string[] = [];
  let done = 0;
  await onBenches(seed, plan, async (bench, each) => {
    const { verdict, lost } = await race(bench, each);
    const name = `${each.command}${'jitter' in each ? '' : `, one asleep at ${each.stallAt}`}`;
    const [rounds, losers, wrong] = rows.get(name) ?? [0, 0, 0];
    rows.set(name, [rounds + 1, losers + lost, wrong + (isClean(verdict) ? 0 : 1)]);
    if (!isClean(verdict)) failures.push(failureLines(`seed ${seed}, ${each.scenario} ${name}`, verdict));
    if (++done % 20 === 0) progress(`races: ${done} of ${plan.length}, ${failures.length} failures`);
    return isClean(verdict);
  });
  const sorted = [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, counts]) => [name, ...counts]);
  return {
    lines: [
      ...table(['two at once', 'rounds', 'ended with a transient error', 'wrong'], sorted),
      `Races: ${plan.length} rounds.`,
    ],
    failures,
  };
}

function planRaces(share: number, dice: Random): Race[] {
  const all = share > 0;
  const rounds = Math.max(1, Math.round(share * 25));
  return Array.from({ length: rounds }, () =>
    commands.flatMap((command): Race[] => [
      { scenario: 'next', command, jitter: dice.pick([1, 4, 12]) },
      ...(all || command === 'run' ? [{ scenario: 'first' as const, command, jitter: dice.pick([1, 4, 12]) }] : []),
      ...(all ? sleepers[command] : [dice.pick(sleepers[command])]).map((stallAt) => ({
        scenario: all && dice.oneIn(4) ? ('first' as const) : ('next' as const),
        command,
        stallAt,
        nth: 1,
      })),
    ]),
  ).flat();
}
