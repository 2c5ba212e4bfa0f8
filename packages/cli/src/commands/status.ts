import type { Command, Json } from '../command.ts';
import { lake, schema, warehouseIfAny } from '../options.ts';
import { pipelineStatus, statusLines } from '../status.ts';

export const statusCommand: Command = {
  name: 'status',
  description: 'where both logs and the warehouse stand',
  options: [lake(), warehouseIfAny(), schema()],
  async run(options: Json & { lake: string; warehouse?: string; schema: string }, { print }) {
    const status = await pipelineStatus(options, new Date());
    print(options, status, () => statusLines(status));
    return true;
  },
};
