import { ConfigInvalid } from './errors.ts';

/** One environment variable: its name, what its text may be, and what its absence means. */
export interface Setting<T> {
  readonly variable: string;
  /** The value that a text stands for, or undefined where it stands for none. */
  readonly parse: (text: string) => T | undefined;
  /** What the text must be, to complete "must be". */
  readonly expected: string;
  /** The value where the variable is unset or empty; the variable is required where this is absent. */
  readonly fallback?: { readonly value: T };
}

type Values<Spec> = { readonly [Name in keyof Spec]: Spec[Name] extends Setting<infer T> ? T : never };

/** Makes settings of each kind. */
export const setting = {
  /** A required text. */
  text: (variable: string): Setting<string> => ({ variable, parse: (value) => value, expected: 'a text' }),

  /** A required whole number within bounds, both included. */
  integer: (variable: string, least: number, most: number): Setting<number> => ({
    variable,
    parse(value) {
      const number = /^[+-]?\d+$/.test(value) ? Number(value) : NaN;
      return number >= least && number <= most ? number : undefined;
    },
    expected: `a whole number from ${least} to ${most}`,
  }),

  /** A required text out of a few. */
  oneOf: <const T extends string>(variable: string, ...choices: readonly T[]): Setting<T> => ({
    variable,
    parse: (value) => choices.find((choice) => choice === value),
    expected: choices.join(' or '),
  }),

  /** The same with a value for where its variable is unset or empty; `undefined` may be that value. */
  optional: <T, D>({ variable, parse, expected }: Setting<T>, value: D): Setting<T | D> => ({
    variable,
    parse,
    expected,
    fallback: { value },
  }),
} as const;

/**
 * Reads environment variables into one typed object.
 *
 * @example readConfig({ lake: setting.text('LAKE'), schema: setting.optional(setting.text('SCHEMA'), 'public') }, process.env)
 * @throws ConfigInvalid with every problem in one line
 */
export function readConfig<Spec extends Readonly<Record<string, Setting<unknown>>>>(
  spec: Spec,
  env: Readonly<Record<string, string | undefined>>,
): Values<Spec> {
  const problems: string[] = [];
  const read = ({ variable, parse, expected, fallback }: Setting<unknown>): unknown => {
    const given = env[variable] ?? '';
    if (given === '' && fallback !== undefined) return fallback.value;
    const value = given === '' ? undefined : parse(given);
    if (value === undefined) {
      problems.push(given === '' ? `${variable} is not set` : `${variable} must be ${expected}, not ${quoted(given)}`);
    }
    return value;
  };
  const values = Object.fromEntries(Object.entries(spec).map(([name, setting]) => [name, read(setting)]));
  if (problems.length > 0) throw new ConfigInvalid(`bad settings: ${problems.join('; ')}`);
  return values as Values<Spec>;
}

/** Short and on one line; a text that holds an "@" may be a URL with its password. */
const quoted = (value: string): string =>
  value.includes('@') ? 'the URL it holds' : JSON.stringify(value.slice(0, 40));
