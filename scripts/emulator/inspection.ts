import type { VersionSummary } from '../../packages/cli/src/history.ts';
import { lineLike, type Operator } from './operator.ts';

/**
 * Goes from the newest version to the run that made it, and from there to what its stages wrote.
 *
 * @returns the stages that wrote
 * @throws Error where a step leads nowhere
 */
export async function followVersion(operator: Operator): Promise<string> {
  const { versions } = await operator.ask<{ versions: VersionSummary[] }>('totes history --stack stack.json --limit 1');
  const { runId, version } = versions[0]!;
  const logs = 'totes logs --stack stack.json --run';
  const line = lineLike(await operator.type(`${logs} ${runId}`), / {2}ingest finished {2}/);
  const run = runOf(line);
  if (!runId.startsWith(`${run}.`) || !line.includes(`version=${version} `)) throw new Error(line);
  const { out } = await operator.type(`${logs} ${run}`);
  const finished = out.flatMap((each) => / {2}(\w+) finished {2}/.exec(each)?.[1] ?? []);
  if (finished.join() !== 'ingest,transform,load,report') throw new Error(out.join('\n'));
  return `version ${version}, run ${run}, ${finished.join(', ')} finished`;
}

/**
 * Looks from the status to the one row that is set aside, sales order 1 with its impossible date.
 *
 * @returns the command that lists it, and the reason
 * @throws Error where another is set aside, or more
 */
export async function expectSetAside(operator: Operator): Promise<string> {
  const next = await operator.expectProblem(/^Not healthy: 1 row is set aside: the warehouse lacks it$/);
  const { out } = await operator.type(next);
  const [, reason] = /^sales_order +1 +\d+ +(.+?) +waiting$/.exec(out[1] ?? '') ?? [];
  if (out.length !== 2 || reason === undefined) throw new Error(out.join('\n'));
  const show = await operator.type('totes quarantine show --stack stack.json --table sales_order --key 1');
  lineLike(show, /2023-02-30/);
  return `${next}: ${reason}`;
}

/** The run that a line of `totes logs` names. */
export const runOf = (line: string): string => line.split(/ {2,}/)[3]!;
