import type { Command } from './command.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A word that may come next, and what it means. */
interface Word {
  readonly text: string;
  readonly meaning: string;
}

interface OptionWord extends Word {
  /** What follows it: nothing, a file, one of a few words, or anything. */
  readonly value: 'none' | 'file' | 'any' | readonly string[];
}

/** What may follow some words: commands, or a command's options. */
interface Place {
  readonly after: string;
  readonly words: readonly Word[];
  readonly options: readonly OptionWord[];
}

/** Options that name a file or a folder. */
const files = new Set(['--lake', '--stack', '--out', '--from']);

/**
 * A script that completes commands and options of `totes`, for a shell to read when it starts.
 *
 * @param groups what commands that hold others are for, by their names
 */
export function completionScript(
  shell: Shell,
  commands: readonly Command[],
  groups: Readonly<Record<string, string>>,
): string {
  const places = [...groupPlaces(commands, groups), ...commands.map(commandPlace)];
  return { bash, zsh, fish }[shell](places).join('\n');
}

function groupPlaces(commands: readonly Command[], groups: Readonly<Record<string, string>>): Place[] {
  const split = commands.map(({ name, description }) => ({ parts: name.split(' '), meaning: description }));
  const first = split.filter(({ parts }) => parts.length === 1).map(({ parts, meaning }) => word(parts[0]!, meaning));
  const ofGroup = (group: string): Word[] => [
    ...split
      .filter(({ parts }) => parts[0] === group && parts.length > 1)
      .map(({ parts, meaning }) => word(parts[1]!, meaning)),
    // The commands that print these scripts are not among those that the scripts know.
    ...(group === 'completion' ? shells.map((shell) => word(shell, `the script for ${shell}`)) : []),
  ];
  const names = Object.entries(groups).map(([name, meaning]) => word(name, meaning));
  const inGroups = Object.keys(groups).map((group) => ({ after: group, words: ofGroup(group), options: [] }));
  return [
    { after: '', words: [...first, ...names, word('help', 'help for a command')], options: [] },
    { after: 'help', words: [...first, ...names], options: [] },
    ...inGroups.flatMap((place) => [place, { ...place, after: `help ${place.after}` }]),
  ];
}

const word = (text: string, meaning: string): Word => ({ text, meaning });

function commandPlace({ name, options }: Command): Place {
  const own = options.map((option): OptionWord => {
    const text = option.long!;
    const value = option.argChoices ?? (files.has(text) ? 'file' : 'any');
    return { text, meaning: option.description, value: option.required ? value : 'none' };
  });
  const common = [
    { text: '--json', meaning: 'print one JSON object', value: 'none' as const },
    { text: '--help', meaning: 'display help', value: 'none' as const },
  ];
  return { after: name, words: [], options: [...own, ...common] };
}

/** A text as one word of any of the shells. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The options by what follows them, each name once: an option means the same in all commands. */
function byValue(places: readonly Place[]): { any: string[]; file: string[]; choices: [string, readonly string[]][] } {
  const all = new Map(places.flatMap(({ options }) => options.map((option) => [option.text, option.value] as const)));
  const names = (value: OptionWord['value']): string[] =>
    [...all].filter(([, each]) => each === value).map(([name]) => name);
  const choices = [...all].flatMap(([name, value]) =>
    typeof value === 'string' ? [] : [[name, value] as [string, readonly string[]]],
  );
  return { any: names('any'), file: names('file'), choices };
}

const texts = ({ words, options }: Place): string => [...words, ...options].map(({ text }) => text).join(' ');

function bash(places: readonly Place[]): string[] {
  const { any, file, choices } = byValue(places);
  return [
    '# Completion for bash: source <(totes completion bash)',
    '_totes() {',
    '  local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" at="" word words=""',
    "  local IFS=$' \\t\\n'",
    '  COMPREPLY=()',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    case "$word" in -*) break ;; *) at="${at:+$at }$word" ;; esac',
    '  done',
    '  case "$before" in',
    `    ${file.join('|')}) IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$current")); return ;;`,
    `    ${any.join('|')}) return ;;`,
    ...choices.map(
      ([name, values]) => `    ${name}) COMPREPLY=($(compgen -W "${values.join(' ')}" -- "$current")); return ;;`,
    ),
    '  esac',
    '  case "$at" in',
    ...places.map((place) => `    "${place.after}") words="${texts(place)}" ;;`),
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o filenames -F _totes totes',
  ];
}

function zsh(places: readonly Place[]): string[] {
  const { any, file, choices } = byValue(places);
  const described = ({ words, options }: Place): string =>
    [...words, ...options].map(({ text, meaning }) => quoted(`${text}:${meaning}`)).join(' ');
  return [
    '#compdef totes',
    '# Completion for zsh: source <(totes completion zsh)',
    '_totes() {',
    '  local at="" word',
    '  local -a found',
    '  for word in "${(@)words[2,CURRENT-1]}"; do',
    '    case "$word" in (-*) break ;; (*) at="${at:+$at }$word" ;; esac',
    '  done',
    '  case "$words[CURRENT-1]" in',
    `    (${file.join('|')}) _files; return ;;`,
    `    (${any.join('|')}) return ;;`,
    ...choices.map(([name, values]) => `    (${name}) compadd -- ${values.join(' ')}; return ;;`),
    '  esac',
    '  case "$at" in',
    ...places.map((place) => `    ("${place.after}") found=(${described(place)}) ;;`),
    '  esac',
    "  _describe 'totes' found",
    '}',
    'compdef _totes totes',
  ];
}

function fish(places: readonly Place[]): string[] {
  const line = (after: string, rest: string): string =>
    `complete -c totes -n ${quoted(`__totes_at ${after}`.trim())} ${rest}`;
  const follows = (value: OptionWord['value']): string => {
    if (value === 'none') return '';
    if (value === 'file') return ' -r -F';
    return value === 'any' ? ' -x' : ` -x -a ${quoted(value.join(' '))}`;
  };
  return [
    '# Completion for fish: totes completion fish | source',
    'function __totes_at',
    '    set -l tokens (commandline -opc)',
    '    set -e tokens[1]',
    '    set -l at',
    '    for token in $tokens',
    "        string match -q -- '-*' $token; and break",
    '        set -a at $token',
    '    end',
    '    test "$at" = "$argv"',
    'end',
    'complete -c totes -f',
    ...places.flatMap(({ after, words, options }) => [
      ...words.map(({ text, meaning }) => line(after, `-a ${text} -d ${quoted(meaning)}`)),
      ...options.map(({ text, meaning, value }) =>
        line(after, `-l ${text.slice(2)}${follows(value)} -d ${quoted(meaning)}`),
      ),
    ]),
  ];
}
