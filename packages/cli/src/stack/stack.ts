import { ConfigInvalid } from '@totes/core';

/** The deployed functions. */
export const functionNames = ['ingest', 'transform', 'load', 'verify', 'replay', 'report'] as const;
export type FunctionName = (typeof functionNames)[number];
type ByFunction = Readonly<Record<FunctionName, string>>;

/** Those that a stack has where its deployment asked for them. */
const optionalFunctionNames = ['rates'] as const;
export const loggedFunctions = [...functionNames, ...optionalFunctionNames] as const;
export type LoggedFunction = (typeof loggedFunctions)[number];

/** A deployed pipeline, by the outputs of its Terraform configuration. */
export interface Stack {
  /** As it was written on the command line. */
  readonly place: string;
  readonly name: string;
  readonly region: string;
  readonly sourceSchema: string;
  readonly warehouseSchema: string;
  /** Both buckets, as --lake takes them. */
  readonly lake: string;
  /** Undefined where the lake's own commits start the stages. */
  readonly stateMachine: string | undefined;
  /** The bucket of the business report. */
  readonly reportBucket: string;
  /** The CloudFront distribution of the report, where there is one: its page, and the key that has to sign links to it. */
  readonly distribution: { readonly url: string; readonly keyPairId: string } | undefined;
  readonly functions: ByFunction;
  readonly logGroups: ByFunction & Readonly<Partial<Record<LoggedFunction, string>>>;
  /** The alarms' whole names. */
  readonly alarms: readonly string[];
  /** ARNs. */
  readonly secrets: Readonly<Record<'source' | 'warehouse', string>>;
}

type Outputs = Readonly<Record<string, { readonly value?: unknown } | undefined>>;

/**
 * The stack that Terraform outputs describe.
 *
 * @param printed what `terraform output -json` printed
 * @throws ConfigInvalid where it is no JSON, holds no outputs, or lacks some: the message lists all of those
 */
export function parseStack(place: string, printed: string): Stack {
  const where = `--stack ${place}`;
  const outputs = parsed(where, printed);
  if (Object.keys(outputs).length === 0) {
    throw new ConfigInvalid(
      `${where}: Terraform has no outputs there: apply the configuration first, or initialise it with the backend that holds its state`,
    );
  }
  const wrong: string[] = [];
  const text = (name: string, form = /./): string => {
    const value = outputs[name]?.value;
    if (typeof value === 'string' && form.test(value)) return value;
    wrong.push(name);
    return '';
  };
  const texts = <Key extends string>(name: string, keys: readonly Key[]): Record<Key, string> => {
    const value = outputs[name]?.value as Readonly<Record<string, unknown>> | null | undefined;
    const found = keys.map((key) => [key, value?.[key]] as const);
    if (found.some(([, each]) => typeof each !== 'string' || each === '')) wrong.push(name);
    return Object.fromEntries(found) as Record<Key, string>;
  };
  const list = (name: string): string[] => {
    const value = outputs[name]?.value;
    if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
    wrong.push(name);
    return [];
  };
  const distribution =
    outputs.report_cloudfront?.value == null ? undefined : texts('report_cloudfront', ['url', 'key_pair_id']);
  const stack: Stack = {
    place,
    name: text('name'),
    region: text('region', /^[a-z]{2}(-[a-z]+)+-\d+$/),
    sourceSchema: text('source_schema'),
    warehouseSchema: text('warehouse_schema'),
    lake: text('lake', /^s3:\/\//),
    stateMachine: outputs.state_machine_arn?.value == null ? undefined : text('state_machine_arn', /^arn:/),
    reportBucket: text('report_bucket'),
    distribution: distribution && { url: distribution.url, keyPairId: distribution.key_pair_id },
    functions: texts('function_names', functionNames),
    logGroups: texts('log_groups', [...functionNames, ...optionalIn(outputs)]),
    alarms: list('alarm_names'),
    secrets: texts('secret_arns', ['source', 'warehouse']),
  };
  if (wrong.length > 0) {
    throw new ConfigInvalid(
      `${where} is not a stack of this release: outputs that are missing or wrong: ${wrong.join(', ')}; ` +
        'name the folder of terraform/ that was applied, and apply it again after an upgrade',
    );
  }
  return stack;
}

/** The optional functions that the outputs name. */
function optionalIn({ log_groups: groups }: Outputs): (typeof optionalFunctionNames)[number][] {
  const named = new Map(Object.entries(groups?.value ?? {}));
  return optionalFunctionNames.filter((name) => named.has(name));
}

function parsed(where: string, printed: string): Outputs {
  let value: unknown;
  try {
    value = JSON.parse(printed);
  } catch {
    // The parser's own words may quote an output.
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Outputs;
  throw new ConfigInvalid(`${where} is not a stack: expected the JSON that \`terraform output -json\` prints`);
}
