import type { Command } from '../command.ts';
import { dashboardCommands } from './dashboard.ts';
import { quarantineCommands } from './quarantine.ts';
import { replayCommands } from './replay.ts';
import { demoCommand, sampleCommands } from './sample.ts';
import { stageCommands } from './stages.ts';
import { statusCommand } from './status.ts';
import { verifyCommands } from './verify.ts';

/** Every command, as the help lists them. */
export const commands: readonly Command[] = [
  demoCommand,
  ...stageCommands,
  statusCommand,
  ...verifyCommands,
  ...quarantineCommands,
  ...replayCommands,
  ...dashboardCommands,
  ...sampleCommands,
];

/** What a command that holds others is for. */
export const groups: Readonly<Record<string, string>> = {
  quarantine: 'the rows that broke a rule: see them, and try them again',
};
