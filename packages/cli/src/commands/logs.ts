import type { Command, Json, Output } from '../command.ts';
import { follow as followOption, level, runName, since, stackAlone, stageName } from '../options.ts';
import { untilInterrupted } from '../interrupted.ts';
import type { Style } from '../output.ts';
import { follow } from '../stack/follow.ts';
import { LogEvents } from '../stack/logEvents.ts';
import { formatLine, isAtLeast, isOfRun, linesOf, untold, type Level, type LogLine } from '../stack/logLine.ts';
import { openStack } from '../stack/openStack.ts';
import { type LoggedFunction } from '../stack/stack.ts';

interface Options extends Json {
  readonly stack: string;
  readonly stage?: LoggedFunction;
  /** In seconds. */
  readonly since?: number;
  readonly run?: string;
  readonly follow?: true;
  readonly level: string;
}

const hour = 3600;

export const logsCommand: Command = {
  name: 'logs',
  description: 'what the deployed functions wrote, by time; with --json the objects as they are, one a line',
  options: [stackAlone(), stageName(), since(), runName(), followOption(), level()],
  examples: [
    'totes logs --stack terraform',
    'totes logs --stack terraform --stage ingest --since 30m --level warn',
    'totes logs --stack terraform --run 20260105T090000Z-1a2b3c4d --follow',
  ],
  async run(options: Options, output) {
    const stack = await openStack(options.stack);
    // A run is looked for in the whole week.
    const seconds = options.since ?? (options.run === undefined ? hour : 7 * 24 * hour);
    const wanted = {
      stages: options.stage === undefined ? (Object.keys(stack.logGroups) as LoggedFunction[]) : [options.stage],
      since: Date.now() - seconds * 1000,
      pattern: options.run === undefined ? undefined : JSON.stringify(options.run),
    };
    const show = shower(options, output);
    if (options.follow === true) {
      await untilInterrupted(async (signal) => {
        for await (const event of follow(stack, wanted, signal)) linesOf(event).forEach(show);
      });
    } else {
      const events = await (await LogEvents.of(stack)).read(wanted.stages, wanted.since, wanted.pattern);
      events.flatMap(linesOf).forEach(show);
    }
    return true;
  },
};

const styles: Readonly<Record<string, Style>> = { DEBUG: 'dim', WARN: 'yellow', ERROR: 'red' };

/** Prints the lines that the options ask for. */
function shower({ json, run, level }: Options, { terminal, paint }: Output): (line: LogLine) => void {
  const least = level.toUpperCase() as Level;
  const isUntold = untold();
  return (line) => {
    if (!isUntold(line) || !isAtLeast(least, line) || (run !== undefined && !isOfRun(run, line))) return;
    const { fields, stage, at, text } = line;
    if (json) {
      terminal.out(JSON.stringify(fields ?? { timestamp: new Date(at).toISOString(), stage, message: text }));
      return;
    }
    const style = styles[String(fields?.level)];
    terminal.out(style === undefined ? formatLine(line) : paint(style, formatLine(line)));
  };
}
