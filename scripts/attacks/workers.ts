import { availableParallelism } from 'node:os';
import { Bench } from './bench.ts';

/** Two processes of a case run one after the other, so a processor each keeps a worker busy. */
const workers = availableParallelism();

/**
 * Works through cases on as many benches as there are processors, every other one with JSON lines in place of CSV. A
 * bench on which a case came out wrong is thrown away: what comes after it would be wrong as well.
 *
 * @param work resolves to whether the bench is still sound
 * @param large see BenchOptions
 */
export async function onBenches<Case>(
  seed: number,
  cases: readonly Case[],
  work: (bench: Bench, each: Case) => Promise<boolean>,
  large = false,
): Promise<void> {
  const waiting = [...cases];
  const one = async (number: number): Promise<void> => {
    let opened = 0;
    const open = (): Promise<Bench> =>
      Bench.open({ seed: seed * 1000 + number * 100 + opened++, format: number % 2 === 0 ? 'csv' : 'json', large });
    let bench: Bench | undefined;
    for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) {
      bench ??= await open();
      if (await work(bench, each)) continue;
      await bench.close();
      bench = undefined;
    }
    await bench?.close();
  };
  await Promise.all(Array.from({ length: Math.min(workers, cases.length) }, (_, number) => one(number)));
}
