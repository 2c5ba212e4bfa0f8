import type { Command, Json } from '../command.ts';
import { check, ingestOptionsIfAny, schema, stack, warehouseIfAny } from '../options.ts';
import { openStack } from '../stack/openStack.ts';
import { stackStatus } from '../stack/stackStatus.ts';
import { statusLines } from '../status/lines.ts';
import { localStatus, type StatusInput } from '../status/localStatus.ts';

export const statusCommand: Command = {
  name: 'status',
  description: 'whether all is well, where both logs and the warehouse stand, and what to run next',
  options: [...ingestOptionsIfAny(), warehouseIfAny(), schema(), stack(), check()],
  examples: [
    'totes status --lake ./lake',
    'totes status --lake ./lake --source secret:totesys --warehouse secret:warehouse --check',
    'totes status --stack terraform --check --json',
  ],
  async run(options: Json & StatusInput & { stack?: string; check?: true }, { print, paint }) {
    const { stack } = options;
    const now = new Date();
    const status = await (stack === undefined ? localStatus(options, now) : stackStatus(await openStack(stack), now));
    print(options, status, () => statusLines(status, paint));
    // What could not be seen is a failure; what was seen and is not well is an answer, unless it is asked for as one.
    return options.check === true ? status.healthy : !status.problems.some(({ kind }) => kind === 'unreachable');
  },
};
