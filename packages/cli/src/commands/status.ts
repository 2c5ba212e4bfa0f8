import type { Command, Json } from '../command.ts';
import { lake, schema, stack, warehouseIfAny } from '../options.ts';
import { openStack } from '../stack/openStack.ts';
import { stackStatus } from '../stack/stackStatus.ts';
import { statusLines } from '../status/lines.ts';
import { localStatus, type StatusInput } from '../status/localStatus.ts';

export const statusCommand: Command = {
  name: 'status',
  description: 'whether all is well, where both logs and the warehouse stand, and what to run next; exit code 1 if not',
  options: [lake(), warehouseIfAny(), schema(), stack()],
  examples: [
    'totes status --lake ./lake',
    'totes status --lake ./lake --warehouse postgres://loader@warehouse.example/analytics',
    'totes status --stack terraform --json',
  ],
  async run(options: Json & StatusInput & { stack?: string }, { print, paint }) {
    const { stack } = options;
    const now = new Date();
    const status = await (stack === undefined ? localStatus(options, now) : stackStatus(await openStack(stack), now));
    print(options, status, () => statusLines(status, paint));
    return status.healthy;
  },
};
