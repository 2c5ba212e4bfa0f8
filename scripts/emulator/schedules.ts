import {
  GetScheduleCommand,
  ListSchedulesCommand,
  UpdateScheduleCommand,
  type ScheduleState,
} from '@aws-sdk/client-scheduler';
import type { Cloud } from './cloud.ts';

/** The pipeline's own; all of its names start so. */
const group = 'totes';

/**
 * Changes all schedules of the pipeline, until Terraform puts them right again.
 *
 * @returns how many there are
 * @throws Error where there is none
 */
async function change(
  { schedules }: Cloud,
  to: { State?: ScheduleState; ScheduleExpression?: string },
): Promise<number> {
  const { Schedules = [] } = await schedules.send(new ListSchedulesCommand({ GroupName: group }));
  if (Schedules.length === 0) throw new Error(`no schedule in the group ${group}`);
  for (const { Name } of Schedules) {
    const { ScheduleExpression, FlexibleTimeWindow, Target } = await schedules.send(
      new GetScheduleCommand({ Name: Name!, GroupName: group }),
    );
    await schedules.send(
      new UpdateScheduleCommand({
        Name: Name!,
        GroupName: group,
        ScheduleExpression: ScheduleExpression!,
        FlexibleTimeWindow: FlexibleTimeWindow!,
        Target: Target!,
        ...to,
      }),
    );
  }
  return Schedules.length;
}

/** Switches the schedules off, so that nothing but an event or a person can start a stage. */
export const stopSchedules = (cloud: Cloud): Promise<number> => change(cloud, { State: 'DISABLED' });

/** Lets them call every minute. */
export const hastenSchedules = (cloud: Cloud): Promise<number> =>
  change(cloud, { ScheduleExpression: 'rate(1 minute)' });
