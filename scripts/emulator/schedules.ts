import { GetScheduleCommand, ListSchedulesCommand, UpdateScheduleCommand } from '@aws-sdk/client-scheduler';
import type { Cloud } from './cloud.ts';

/** Switches all schedules off, so that nothing but an event can start a stage. */
export async function stopSchedules({ schedules }: Cloud): Promise<string> {
  const { Schedules = [] } = await schedules.send(new ListSchedulesCommand({}));
  for (const { Name, GroupName } of Schedules) {
    const schedule = await schedules.send(new GetScheduleCommand({ Name: Name!, GroupName: GroupName! }));
    await schedules.send(
      new UpdateScheduleCommand({
        Name: Name!,
        GroupName: GroupName!,
        State: 'DISABLED',
        ScheduleExpression: schedule.ScheduleExpression!,
        FlexibleTimeWindow: schedule.FlexibleTimeWindow!,
        Target: schedule.Target!,
      }),
    );
  }
  return `${Schedules.length} schedules`;
}
