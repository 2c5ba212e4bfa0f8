import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Endpoint } from './endpoint.ts';
import type { Credentials } from './github.ts';

/** A change that a plan would make. */
export interface PlannedChange {
  readonly address: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: Readonly<Record<string, unknown>> | null;
    readonly after: Readonly<Record<string, unknown>> | null;
  };
}

/** What `terraform show -json` tells of a plan. */
export interface Plan {
  readonly resource_changes?: readonly PlannedChange[];
  readonly output_changes?: Readonly<Record<string, { readonly actions: readonly string[] }>>;
}

export type Variables = Readonly<Record<string, unknown>>;

/** Copies the project's Terraform files, so that a run leaves nothing in the project. */
export async function copyConfiguration(to: string): Promise<void> {
  await cp(join(import.meta.dirname, '../../terraform'), to, {
    recursive: true,
    // Without what a person's own deployment from this folder has left.
    filter: (path) =>
      !/\.terraform$|\.tfstate|\.tfplan|\.tfvars|_override\.tf$|\/bootstrap\/backend\.tf$|\/tests$/.test(path),
  });
  // Buckets have no host names of their own here.
  const override = 'provider "aws" {\n  s3_use_path_style = true\n}\n';
  for (const root of ['', 'bootstrap']) await writeFile(join(to, root, 'emulator_override.tf'), override);
}

/** Terraform in one folder, as one of those who may use it. */
export class Terraform {
  readonly #folder: string;
  readonly #log: string;
  readonly #endpoint: Endpoint;
  readonly #credentials: Credentials;

  /** @param log a file that gets all that Terraform says */
  constructor(folder: string, log: string, endpoint: Endpoint, credentials: Credentials) {
    this.#folder = folder;
    this.#log = log;
    this.#endpoint = endpoint;
    this.#credentials = credentials;
  }

  /** The same folder as somebody else. */
  as(credentials: Credentials): Terraform {
    return new Terraform(this.#folder, this.#log, this.#endpoint, credentials);
  }

  async init(...options: string[]): Promise<void> {
    await this.#run(['init', ...options]);
  }

  /** Init with the state in a bucket. */
  async initIn(bucket: string, ...options: string[]): Promise<void> {
    const backend = { bucket, region: this.#endpoint.region, use_path_style: 'true' };
    await this.init(...Object.entries(backend).map(([name, value]) => `-backend-config=${name}=${value}`), ...options);
  }

  /** Plans into a file. Ephemeral variables are asked for again when the plan is applied. */
  async plan(file: string, variables: Variables, secrets: Variables = {}, ...options: string[]): Promise<void> {
    await this.#run(['plan', `-out=${file}`, ...(await this.#given(variables)), ...options], secrets);
  }

  /** What a plan would change. */
  async show(file: string): Promise<Plan> {
    return JSON.parse(await this.#run(['show', '-json', file])) as Plan;
  }

  async applyPlan(file: string, secrets: Variables = {}): Promise<void> {
    await this.#run(['apply', file], secrets);
  }

  async apply(variables: Variables, secrets: Variables = {}): Promise<void> {
    await this.#run(['apply', '-auto-approve', ...(await this.#given(variables))], secrets);
  }

  async destroy(variables: Variables, secrets: Variables = {}): Promise<void> {
    await this.#run(['destroy', '-auto-approve', ...(await this.#given(variables))], secrets);
  }

  /** The outputs' values by name; as `terraform output -json` prints them, in a file too where one is named. */
  async outputs<Values>(file?: string): Promise<Values> {
    const printed = await this.#run(['output', '-json']);
    if (file !== undefined) await writeFile(file, printed);
    const outputs = JSON.parse(printed) as Record<string, { value: unknown }>;
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value])) as Values;
  }

  async #given(variables: Variables): Promise<string[]> {
    const file = join(this.#folder, 'run.tfvars.json');
    await writeFile(file, JSON.stringify(variables));
    return [`-var-file=${file}`];
  }

  async #run(options: readonly string[], secrets: Variables = {}): Promise<string> {
    const color = options[0] === 'output' ? [] : ['-no-color'];
    const child = spawn('terraform', [options[0]!, ...color, ...options.slice(1)], {
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...terraformEnvironment(this.#endpoint, this.#credentials), ...asVariables(secrets) },
    });
    const closed = once(child, 'close') as Promise<[number | null]>;
    const [[code], output, errors] = await Promise.all([closed, textOf(child.stdout), textOf(child.stderr)]);
    await appendFile(this.#log, `$ terraform ${options.join(' ')}\n${output}${errors}`);
    if (code !== 0) throw new Error(`terraform ${options[0]} ended with ${code ?? 'a signal'}:\n${output}${errors}`);
    return output;
  }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

const asVariables = (secrets: Variables): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets).map(([name, value]) => [`TF_VAR_${name}`, String(value)]));

/** Only what Terraform needs: no key, workspace or setting of the person who runs this is used by mistake. */
export function terraformEnvironment(endpoint: Endpoint, credentials: Credentials): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(AWS|TF)_/.test(name) || /^TF_(CLI_ARGS_init|CLI_CONFIG_FILE|PLUGIN_CACHE_DIR)$/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    // The provider's schema is large and lives for a second.
    GOGC: '400',
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_REGION: endpoint.region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: credentials.sessionToken }),
    ...(endpoint.authority === undefined ? {} : { AWS_CA_BUNDLE: endpoint.authority }),
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
