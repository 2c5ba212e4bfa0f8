import { table } from '../../packages/cli/src/output.ts';
import { defects, type Defect } from './defects.ts';
import { failureLines, type Outcome } from './outcome.ts';
import type { Probe } from './probes.ts';
import { isClean, type Verdict } from './verdict.ts';
import { onBenches } from './workers.ts';

/** A probe of the pipeline as it is, or of one that has a defect. */
interface Trial {
  readonly probe: Probe;
  readonly defect?: Defect;
}

const longest = 110;

/** Which checks found something. */
const checksOf = ({ lost, doubled, altered, problems }: Verdict): Set<string> =>
  new Set([...(lost + doubled + altered > 0 ? ['rows'] : []), ...problems.map((each) => each.split(':')[0]!)]);

function messageOf({ lost, doubled, altered, problems }: Verdict, check: string): string {
  const counts = check === 'rows' ? `${lost} lost, ${doubled} doubled, ${altered} altered; ` : '';
  const said = problems.find((each) => each.startsWith(`${check}:`)) ?? '';
  return `${counts}${said.slice(check.length + 2)}`.replace(/\s+/g, ' ').slice(0, longest);
}

/**
 * Breaks the pipeline on purpose, once for each defect, and demands that the check named for it notices. The pipeline as
 * it is passes the same probes in the same run: a check that always fails is none.
 */
export async function sabotage(seed: number, _share: number, progress: (line: string) => void): Promise<Outcome> {
  const probes = new Map(defects.map(({ probe }) => [probe.name, probe]));
  const trials: Trial[] = [
    ...[...probes.values()].map((probe) => ({ probe })),
    ...defects.map((defect) => ({ probe: defect.probe, defect })),
  ];
  const failures: string[] = [];
  const caught = new Map<string, readonly [string, string, string]>();
  let sound = 0;
  await onBenches(seed, trials, async (bench, { probe, defect }) => {
    if (defect === undefined) {
      const verdict = await probe.attack(bench);
      if (isClean(verdict)) sound++;
      else failures.push(failureLines(`the pipeline as it is, probe "${probe.name}"`, verdict));
      return isClean(verdict);
    }
    await bench.prepare('next');
    await bench.sabotage(defect.edits);
    const verdict = await probe.attack(bench);
    const checks = checksOf(verdict);
    if (checks.has(defect.check))
      caught.set(defect.name, [defect.name, defect.check, messageOf(verdict, defect.check)]);
    else {
      const found = isClean(verdict) ? 'nothing' : failureLines([...checks].join(', '), verdict);
      failures.push(`"${defect.name}" was not caught by ${defect.check}; the probe "${probe.name}" found ${found}`);
    }
    progress(`defects: ${defect.name}: ${caught.has(defect.name) ? 'caught' : 'NOT CAUGHT'}`);
    return false;
  });
  const rows = defects.map(({ name }) => caught.get(name)).filter((row) => row !== undefined);
  return {
    lines: [
      ...table(['defect', 'caught by', 'which says'], rows),
      `Defects: ${caught.size} of ${defects.length} caught; the pipeline as it is passes ${sound} of ${probes.size} probes.`,
    ],
    failures,
  };
}
