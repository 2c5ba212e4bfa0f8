import { table } from '../../packages/cli/src/output.ts';
import { random, type Random } from '../../packages/cli/src/sampleData/random.ts';
import { stagesBefore, type Bench, type Command, type Scenario } from './bench.ts';
import { failureLines, tried, type Outcome } from './outcome.ts';
import { succeeded } from './totes.ts';
import { isClean, type Verdict } from './verdict.ts';
import { onBenches } from './workers.ts';

const scenarios: readonly Scenario[] = ['first', 'next'];
const commands: readonly Command[] = ['run', 'ingest', 'transform', 'load', 'verify', 'replay', 'rebuild'];

/** Commands that have nothing to do before the pipeline ran. */
const laterOnly: readonly Command[] = ['verify', 'replay', 'rebuild'];

/** Where to kill: at a point for the nth time, or after a part of the time that the command takes. */
type Where = { readonly label: string; readonly nth: number } | { readonly part: number };

export interface Kill {
  readonly scenario: Scenario;
  readonly command: Command;
  readonly where: Where;
}

/** A command's points by label: how often it comes by each, and how long it takes. */
interface Listed {
  readonly scenario: Scenario;
  readonly command: Command;
  readonly times: ReadonlyMap<string, number>;
  readonly seconds: number;
}

interface Tally {
  readonly points: Set<string>;
  kills: number;
  survivors: number;
  lost: number;
  doubled: number;
  altered: number;
}

/**
 * Kills the pipeline at its points and at random instants, lets it run again, and compares the warehouse with all that
 * the source has shown.
 *
 * @param share of all points of all commands and of many instants, from 0 to 1; to less than all, a sample is added that
 * has every label
 */
export async function crashMatrix(seed: number, share: number, progress: (line: string) => void): Promise<Outcome> {
  const listed = await listPoints(seed);
  const dice = random(seed);
  const all = share === 1;
  const sample = all ? [] : sampledKills(listed, dice);
  const every = share === 0 ? [] : shuffled(everyKill(listed, dice), dice);
  const kills = shuffled([...sample, ...every.slice(0, Math.round(share * every.length))], dice);
  const tallies = new Map<string, Tally>();
  const failures: string[] = [];
  const reached = new Set<string>();
  let done = 0;
  await onBenches(
    seed,
    kills,
    async (bench, kill) => {
      const seconds = secondsOf(kill, listed);
      let { verdict, killed } = await survive(bench, kill, seconds);
      // Not every change makes as many objects as the one that was listed; a first one it always makes.
      if (!killed && isClean(verdict) && 'label' in kill.where) {
        ({ verdict, killed } = await survive(bench, { ...kill, where: { ...kill.where, nth: 1 } }, seconds));
      }
      if (killed && 'label' in kill.where) reached.add(kill.where.label);
      add(tallies, kill, killed, verdict);
      if (!isClean(verdict)) {
        failures.push(failureLines(`seed ${seed}, ${bench.format}, ${nameOf(kill)}`, verdict));
        progress(failures.at(-1)!);
      }
      if (++done % 25 === 0) progress(`crash: ${done} of ${kills.length} kills, ${failures.length} failures`);
      return isClean(verdict);
    },
    true,
  );
  const labels = new Set(listed.flatMap(({ times }) => [...times.keys()]));
  for (const { where } of kills) {
    if ('label' in where && !reached.has(where.label)) failures.push(`no process was killed at "${where.label}"`);
  }
  const demanded = listed.filter((each) => all || !isReplay(each));
  const writes = new Set(demanded.flatMap(({ times }) => [...times.keys()].map(writeOf)));
  for (const label of reached) writes.delete(writeOf(label));
  for (const write of writes) failures.push(`no process was killed at any moment of "${write}"`);
  return { lines: lines(tallies, listed, labels.size), failures };
}

/** A first pass without kills: the points are whatever the code comes by. */
async function listPoints(seed: number): Promise<Listed[]> {
  const listed: Listed[] = [];
  const together = [['run'], ['ingest', 'transform', 'load'], ['verify'], ['replay'], ['rebuild']] as const;
  await onBenches(
    seed,
    together,
    async (bench, group) => {
      for (const scenario of scenarios.filter((each) => each === 'next' || !laterOnly.includes(group[0]))) {
        await bench.prepare(scenario);
        await bench.change(group[0] !== 'verify');
        for (const before of stagesBefore(group[0])) await bench.run(before);
        for (const command of group) {
          const { points, seconds } = await bench.run(command, { at: { act: 'list' } });
          const times = new Map<string, number>();
          for (const label of points) times.set(label, (times.get(label) ?? 0) + 1);
          listed.push({ scenario, command, times, seconds });
        }
      }
      return true;
    },
    true,
  );
  return listed;
}

/** Every point of a whole run and of each stage alone, and two hundred instants. */
function everyKill(listed: readonly Listed[], dice: Random): Kill[] {
  const points = listed.flatMap(({ scenario, command, times }) =>
    [...times].flatMap(([label, count]) =>
      Array.from({ length: count }, (_, place) => ({ scenario, command, where: { label, nth: place + 1 } })),
    ),
  );
  return [...points, ...instants(200, dice)];
}

/**
 * A moment of each write of a run that has a history, and of each write of a first run that is not yet among them; some in
 * stages alone, which show that these survive alone as well, some in replays; some instants.
 */
function sampledKills(listed: readonly Listed[], dice: Random): Kill[] {
  const kills: Kill[] = [];
  const covered = new Set<string>();
  for (const each of listed.toSorted((a, b) => rank(a) - rank(b))) {
    const { scenario, command } = each;
    const points = [...each.times];
    const some = command === 'run' ? 0 : isReplay(each) ? 5 : 1;
    const chosen = Array.from({ length: some }, () => dice.pick(points));
    const fresh = points.filter(([label]) => !covered.has(label));
    if (!isReplay(each)) chosen.push(...oneOfEachWrite(fresh, dice));
    for (const [label, count] of chosen) {
      kills.push({ scenario, command, where: { label, nth: dice.between(1, count) } });
    }
    for (const [label] of points) covered.add(label);
  }
  return [...kills, ...instants(8, dice)];
}

const isReplay = ({ command }: Pick<Listed, 'command'>): boolean => command === 'replay' || command === 'rebuild';

/** Of the moments of each write, before it, when it is sent and after it, one. */
function oneOfEachWrite(labels: readonly [string, number][], dice: Random): [string, number][] {
  const moments = Map.groupBy(labels, ([label]) => writeOf(label));
  return [...moments.values()].map((group) => dice.pick(group));
}

const rank = ({ scenario, command }: Listed): number => commands.indexOf(command) * 2 + (scenario === 'next' ? 0 : 1);

const instants = (count: number, dice: Random): Kill[] =>
  Array.from({ length: count }, () => {
    const command = dice.oneIn(2) ? 'run' : dice.pick(commands);
    const scenario = !laterOnly.includes(command) && dice.oneIn(3) ? 'first' : 'next';
    return { scenario, command, where: { part: dice.below(1000) / 1000 } };
  });

function shuffled<T>(items: readonly T[], dice: Random): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(dice.below(rest.length), 1)[0]!);
}

/**
 * One kill and what comes after it: what is visible at once, and when the pipeline has run again. Resolves to whether
 * the process was killed at all; one that ends before it comes by the point is not.
 *
 * @param seconds how long the command takes
 */
export async function survive(
  bench: Bench,
  kill: Kill,
  seconds: number,
): Promise<{ verdict: Verdict; killed: boolean }> {
  let killed = false;
  const verdict = await tried(async () => {
    await bench.prepare(kill.scenario);
    // What verify is to heal, nobody may have asked for.
    const healed = kill.command === 'verify';
    await bench.change(!healed);
    for (const before of stagesBefore(kill.command)) await bench.run(before);
    const { where } = kill;
    const attacked =
      'label' in where
        ? bench.start(kill.command, { at: { act: 'kill', ...where } })
        : bench.start(kill.command, {}, where.part * seconds);
    const ending = await attacked.ended;
    killed = ending.signal === 'SIGKILL';
    if (!killed && !succeeded(ending)) throw new Error(`exit: it failed before it was killed: ${ending.errors}`);
    const half = await bench.judge(false);
    if (!isClean(half)) return half;
    // A third of the time the retry finds the source as the killed run found it.
    if (!bench.dice.oneIn(3)) await bench.change(!healed);
    // A replay is tried again, or given up; not where a rebuilt log may be in force that the warehouse does not show.
    if (kill.command === 'rebuild') await bench.run(bench.dice.pick(['replay', 'rebuild']));
    if (kill.command === 'replay' && bench.dice.oneIn(2)) await bench.run('replay');
    await bench.run(healed ? 'verify' : 'run');
    return bench.judge(true, healed);
  });
  return { verdict, killed };
}

const secondsOf = (kill: Kill, listed: readonly Listed[]): number =>
  listed.find(({ command, scenario }) => command === kill.command && scenario === kill.scenario)!.seconds;

const nameOf = ({ scenario, command, where }: Kill): string =>
  `${scenario} ${command}, ${'label' in where ? `${where.label}, time ${where.nth}` : `after ${where.part} of its time`}`;

function add(tallies: Map<string, Tally>, kill: Kill, killed: boolean, verdict: Verdict): void {
  const name = rowOf(kill.where);
  const tally = tallies.get(name) ?? { points: new Set(), kills: 0, survivors: 0, lost: 0, doubled: 0, altered: 0 };
  tallies.set(name, tally);
  tally.lost += verdict.lost;
  tally.doubled += verdict.doubled;
  tally.altered += verdict.altered;
  if (!killed) return;
  tally.kills++;
  if (isClean(verdict)) tally.survivors++;
}

const anInstant = 'any instant';
const writeOf = (label: string): string => label.split(', ')[0]!;
const rowOf = (where: Where): string => ('label' in where ? writeOf(where.label) : anInstant);

function stageOf(row: string): string {
  if (row === anInstant) return 'all';
  return row.includes('ingestion/') ? 'ingest' : row.includes('processed/') ? 'transform' : 'load';
}

function lines(tallies: ReadonlyMap<string, Tally>, listed: readonly Listed[], labels: number): string[] {
  const stages = ['ingest', 'transform', 'load', 'all'];
  const place = (row: string): string => `${stages.indexOf(stageOf(row))} ${row}`;
  const rows = [...tallies]
    .toSorted(([a], [b]) => (place(a) < place(b) ? -1 : 1))
    .map(
      ([row, { kills, survivors, lost, doubled, altered }]) =>
        [stageOf(row), row, kills, survivors, lost, doubled, altered] as const,
    );
  const sum = (column: 2 | 3 | 4 | 5 | 6): number => rows.reduce((total, row) => total + row[column], 0);
  const points = listed.reduce((total, { times }) => [...times.values()].reduce((a, b) => a + b, total), 0);
  return [
    ...table(['stage', 'point', 'kills', 'survivors', 'lost', 'doubled', 'altered'], rows),
    `Crash matrix: ${points} points with ${labels} labels; ${sum(2)} kills, ${sum(3)} survivors; ` +
      `${sum(4)} rows lost, ${sum(5)} doubled, ${sum(6)} altered.`,
  ];
}
