import { attempt } from '../status/attempt.ts';
import { readLakeState } from '../status/lakeState.ts';
import { faultsOf, lakeStatus } from '../status/lakeStatus.ts';
import { stackCommands } from '../status/nextCommands.ts';
import { findProblems, promisedSeconds } from '../status/problems.ts';
import type { Status } from '../status/status.ts';
import { openLakeHere } from '../pipeline.ts';
import { firingAlarms } from './alarms.ts';
import { readRuns, type KnownWarehouse, type Runs } from './runs.ts';
import type { Stack } from './stack.ts';
import { readStageRuns, type StageRuns } from './stageRuns.ts';

/** What AWS tells of the calls of the stages. */
interface Calls {
  readonly runs?: Runs;
  readonly stages?: Readonly<Record<string, StageRuns>>;
  /** As the last successful one left it: no connection to the warehouse is needed to know. */
  readonly warehouse: KnownWarehouse | null;
}

/** Where a deployed pipeline stands. Throws LakeCorrupt, ManifestUnsupported; what cannot be reached is told as that. */
export async function stackStatus(stack: Stack, now: Date): Promise<Status> {
  const lake = await openLakeHere(stack.lake);
  const isMachine = stack.stateMachine !== undefined;
  // The calls first: a version that is committed meanwhile is behind then, not ahead.
  const calls = await attempt<Calls>(() => (isMachine ? readRuns(stack) : readStageRuns(stack, now)));
  const [state, alarms] = await Promise.all([readLakeState(lake), attempt(() => firingAlarms(stack))]);
  const known = calls.fault === undefined ? calls.value : { warehouse: null };
  const { warehouse, ...told } = known;
  const { fields, faults } = await lakeStatus(lake, state, warehouse?.version, now);
  const status = {
    lake: stack.lake,
    ...fields,
    ...(warehouse && {
      warehouse: {
        schema: stack.warehouseSchema,
        version: warehouse.version,
        loadedAt: null,
        otherLake: false,
        asOf: warehouse.asOf,
      },
    }),
    ...(calls.fault === undefined ? told : isMachine ? { runs: null } : { stages: null }),
    alarms: alarms.fault === undefined ? alarms.value : null,
  };
  const more = faultsOf({ [isMachine ? 'Step Functions' : 'CloudWatch Logs']: calls, 'CloudWatch alarms': alarms });
  const evidence = { status, faults: [...faults, ...more], lateAfter: promisedSeconds, now };
  const problems = findProblems(evidence, stackCommands(stack.place));
  return { healthy: problems.length === 0, problems, ...status };
}
