import type { Command } from '../command.ts';
import { completionCommands } from './completion.ts';
import { dashboardCommands } from './dashboard.ts';
import { historyCommand } from './history.ts';
import { logsCommand } from './logs.ts';
import { quarantineCommands } from './quarantine.ts';
import { ratesCommands } from './rates.ts';
import { replayCommands } from './replay.ts';
import { demoCommand, sampleCommands } from './sample.ts';
import { sqlCommand } from './sql.ts';
import { stageCommands } from './stages.ts';
import { statusCommand } from './status.ts';
import { verifyCommands } from './verify.ts';

/** What a command that holds others is for. */
export const groups: Readonly<Record<string, string>> = {
  quarantine: 'the rows that broke a rule: see them, and try them again',
  completion: 'a script that lets a shell complete commands and options',
};

const working: readonly Command[] = [
  demoCommand,
  ...stageCommands,
  statusCommand,
  historyCommand,
  sqlCommand,
  logsCommand,
  ...verifyCommands,
  ...quarantineCommands,
  ...replayCommands,
  ...dashboardCommands,
  ...ratesCommands,
  ...sampleCommands,
];

/** Every command, as the help lists them. */
export const commands: readonly Command[] = [...working, ...completionCommands(working, groups)];
