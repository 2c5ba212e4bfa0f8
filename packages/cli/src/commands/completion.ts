import type { Command, Json } from '../command.ts';
import { completionScript, shells, type Shell } from '../completion.ts';

const howTo: Readonly<Record<Shell, string>> = {
  bash: 'source <(totes completion bash)',
  zsh: 'source <(totes completion zsh)',
  fish: 'totes completion fish | source',
};

/** A command for each shell that prints its script. */
export const completionCommands = (commands: readonly Command[], groups: Readonly<Record<string, string>>): Command[] =>
  shells.map((shell) => ({
    name: `completion ${shell}`,
    description: `print the script for ${shell}`,
    options: [],
    examples: [howTo[shell]],
    run(options: Json, { print }) {
      const script = completionScript(shell, commands, groups);
      print(options, { script }, () => script.split('\n'));
      return Promise.resolve(true);
    },
  }));
