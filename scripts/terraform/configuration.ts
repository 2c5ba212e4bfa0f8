import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from '@cdktn/hcl2json';

/** A block's arguments. Literals are themselves, every other expression is its text within `${…}`. */
export type Arguments = Readonly<Record<string, unknown>>;

/** An input. The default of one that has to be given is undefined; that of one that may be left out may be null. */
export interface Variable {
  readonly name: string;
  readonly description: string;
  /** The type's expression; undefined where it is not declared. */
  readonly type: string | undefined;
  readonly default: unknown;
  /** Whether Terraform keeps the value in neither its state nor a plan. */
  readonly ephemeral: boolean;
  /** What Terraform says when it refuses a value, one text a validation; `${…}` stands where it names the value. */
  readonly refusals: readonly string[];
}

export interface Output {
  readonly name: string;
  readonly description: string;
}

/** The `.tf` files of a folder, parsed by HashiCorp's own parser, without Terraform, provider or state. */
export interface Configuration {
  readonly variables: readonly Variable[];
  readonly outputs: readonly Output[];
  /** File name → addresses of what it declares, as `aws_s3_bucket.this` or `module.ingest`. */
  readonly resources: ReadonlyMap<string, readonly string[]>;
  /** The one block with these labels, as `block('module', 'ingest')`; throws where there is none, or more than one. */
  readonly block: (...labels: readonly string[]) => Arguments;
}

/**
 * Reads the Terraform configuration in `folder` (not those below it).
 *
 * @throws an error of the parser that names the file and line, where a file is no HCL.
 */
export async function readConfiguration(folder: string): Promise<Configuration> {
  const files = new Map<string, Arguments>();
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.tf')).sort()) {
    files.set(file, (await parse(file, await readFile(join(folder, file), 'utf8'))) as Arguments);
  }
  return {
    variables: named(files, 'variable').map(([name, block]) => variable(name, block)),
    outputs: named(files, 'output').map(([name, block]) => ({ name, description: text(block.description) })),
    resources: new Map([...files].map(([file, blocks]) => [file, addresses(blocks)])),
    block: (...labels) => {
      const found = [...files.values()].flatMap((blocks) => at(blocks, labels));
      if (found.length !== 1) {
        throw new Error(`${folder} has ${found.length} blocks \`${labels.join(' ')}\`, not one: mend the labels`);
      }
      return found[0]!;
    },
  };
}

/** Everything below `labels`: the parser nests an object for each label, and lists the blocks that have the same ones. */
function at(blocks: unknown, labels: readonly string[]): readonly Arguments[] {
  const [label, ...others] = labels;
  if (Array.isArray(blocks)) return blocks.flatMap((block) => at(block, labels));
  if (blocks === undefined) return [];
  return label === undefined ? [blocks as Arguments] : at((blocks as Arguments)[label], others);
}

function named(files: ReadonlyMap<string, Arguments>, kind: string): readonly (readonly [string, Arguments])[] {
  const blocks = [...files.values()].flatMap((file) =>
    Object.entries((file[kind] ?? {}) as Record<string, [Arguments]>),
  );
  return blocks.map(([name, [block]]) => [name, block] as const).sort(([one], [other]) => (one < other ? -1 : 1));
}

function addresses(blocks: Arguments): readonly string[] {
  const ofTwoLabels = (kind: string, prefix: string): string[] =>
    Object.entries((blocks[kind] ?? {}) as Record<string, Arguments>).flatMap(([type, names]) =>
      Object.keys(names).map((name) => `${prefix}${type}.${name}`),
    );
  const modules = Object.keys((blocks.module ?? {}) as Arguments).map((name) => `module.${name}`);
  return [...modules, ...ofTwoLabels('resource', ''), ...ofTwoLabels('data', 'data.')];
}

function variable(name: string, block: Arguments): Variable {
  return {
    name,
    description: text(block.description),
    type: block.type === undefined ? undefined : text(block.type).replace(/^\$\{(.*)\}$/s, '$1'),
    default: block.default,
    ephemeral: block.ephemeral === true,
    refusals: at(block.validation, []).map((validation) => text(validation.error_message)),
  };
}

/** A text of one line, whatever its lines in the file. Empty where there is none. */
function text(value: unknown): string {
  return typeof value === 'string' ? value.replace(/\s+/g, ' ').trim() : '';
}
