import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FunctionName } from '../../packages/cli/src/stack/stack.ts';
import type { Bootstrap, BootstrapOutputs } from './bootstrap.ts';
import type { Credentials } from './github.ts';
import type { Run } from './run.ts';
import { Terraform, type Plan, type Variables } from './terraform.ts';

type ByFunction = Readonly<Record<FunctionName, string>>;

/** What both configurations tell of what they made. */
export interface Stack extends BootstrapOutputs {
  readonly ingestion_bucket: string;
  readonly processed_bucket: string;
  /** Both buckets, for the command line. */
  readonly lake: string;
  readonly code_bucket: string;
  readonly report_bucket: string;
  /** Left out where the trigger is s3_events. */
  readonly state_machine_arn?: string;
  readonly function_names: ByFunction;
  readonly role_arns: ByFunction;
  readonly log_groups: ByFunction;
  readonly secret_arns: { readonly source: string; readonly warehouse: string };
  /** The JSON of an IAM policy. */
  readonly operator_policy: string;
  readonly topic_arn: string;
  readonly key_arn: string;
}

/** What a deployment decides; secrets are given beside it and kept nowhere. */
export interface Settings {
  readonly variables: Variables;
  readonly secrets?: Variables;
}

/** Builds the zips as a person does, and gives their folder. */
export async function buildZips({ folder }: Run): Promise<string> {
  const code = join(folder, 'dist');
  await promisify(execFile)(join(import.meta.dirname, '../build'), [code]);
  return code;
}

/** The deployed pipeline. */
export class Pipeline {
  readonly bootstrap: Bootstrap;
  readonly #run: Run;
  readonly #terraform: Terraform;
  readonly #common: Variables;

  private constructor(run: Run, bootstrap: Bootstrap, terraform: Terraform, code: string) {
    this.#run = run;
    this.bootstrap = bootstrap;
    this.#terraform = terraform;
    this.#common = {
      alert_emails: ['team@example.com'],
      code_directory: code,
      code_version: 'e2e',
      permissions_boundary_arn: bootstrap.outputs.permissions_boundary_arn,
      protect_data: false,
    };
  }

  /**
   * Prepares Terraform, with its state in the bucket that bootstrap made.
   *
   * @param code the folder of the zips
   */
  static async prepare(run: Run, bootstrap: Bootstrap, code: string): Promise<Pipeline> {
    const log = join(run.folder, 'terraform.log');
    const terraform = new Terraform(join(run.folder, 'terraform'), log, run.endpoint, await bootstrap.applier());
    await terraform.initIn(bootstrap.outputs.state_bucket);
    return new Pipeline(run, bootstrap, terraform, code);
  }

  /** Plans with the rights of one job and applies that plan with those of another, as the workflows do. */
  async deploy(settings: Settings, planner: Credentials): Promise<void> {
    const plan = join(this.#run.folder, 'deploy.tfplan');
    await this.#plan(settings, planner, plan);
    await this.#terraform.as(await this.bootstrap.applier()).applyPlan(plan, settings.secrets);
  }

  /** Plans with the rights of a job. */
  async plan(settings: Settings, planner: Credentials): Promise<Plan> {
    const file = join(this.#run.folder, 'again.tfplan');
    await this.#plan(settings, planner, file);
    return this.#terraform.show(file);
  }

  /** The state is not locked, since the role that plans may not write. */
  #plan({ variables, secrets }: Settings, planner: Credentials, file: string): Promise<void> {
    return this.#terraform.as(planner).plan(file, { ...this.#common, ...variables }, secrets, '-lock=false');
  }

  /** What the deployment tells of itself; saved in `stack.json` too, as a person would for `--stack`. */
  async outputs(): Promise<Stack> {
    const file = join(this.#run.folder, 'stack.json');
    const outputs = await this.#terraform.outputs<Omit<Stack, keyof BootstrapOutputs>>(file);
    return { ...outputs, ...this.bootstrap.outputs };
  }

  /** Removes all as a person with all rights: the role that deploys may not delete the lake. */
  async destroy({ variables, secrets }: Settings): Promise<void> {
    await this.#terraform.as(this.#run.endpoint).destroy({ ...this.#common, ...variables }, secrets);
  }
}
