import type { Option } from 'commander';
import { formatNumber, type Paint, type Terminal } from './output.ts';

export interface Json {
  readonly json?: true;
}

/** One command of the command line. */
export interface Command {
  /** Two words for a command within a command: `quarantine list`. */
  readonly name: string;
  readonly description: string;
  readonly options: readonly Option[];
  /** Command lines that show what it is for, as the help lists them. */
  readonly examples: readonly string[];
  /** What is wrong with options that are fine each for itself; the exit code is 2 then. */
  readonly misuse?: (options: never) => string | undefined;
  /** Does it. False is an answer too: done, and something differs; the exit code is 1 then. */
  readonly run: (options: never, output: Output) => Promise<boolean>;
}

/** Where a command's results and progress go. */
export interface Output {
  readonly terminal: Terminal;
  /** Gives a text a colour or weight, where results go to a terminal. */
  readonly paint: Paint;
  /** Prints a result: as one JSON object where the options ask for it, else as lines. */
  readonly print: (options: Json, value: object, lines: () => readonly string[]) => void;
  readonly progress: (stage: string, name: string, rows: number) => void;
}

export const outputTo = (terminal: Terminal): Output => ({
  terminal,
  paint: terminal.paint ?? ((_, text) => text),
  print(options, value, lines) {
    if (options.json) terminal.out(JSON.stringify(value));
    else for (const line of lines()) terminal.out(line);
  },
  progress(stage, name, rows) {
    terminal.progress(`${stage.padEnd(9)} ${name} ${formatNumber(rows)}`);
  },
});
