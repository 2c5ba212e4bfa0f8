import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { takeRole, type Credentials } from './github.ts';
import type { Run } from './run.ts';
import { Terraform } from './terraform.ts';

/** What bootstrap tells of what it made. */
export interface BootstrapOutputs {
  readonly state_bucket: string;
  readonly plan_role_arn: string;
  readonly apply_role_arn: string;
  readonly permissions_boundary_arn: string;
}

const repository = 'terrific-totes/warehouse';
const subjects = {
  plan: `repo:${repository}:pull_request`,
  apply: `repo:${repository}:environment:production`,
};
const variables = { github_repository: repository, protect_data: false };

/** The state bucket and the two roles that GitHub takes. */
export class Bootstrap {
  readonly outputs: BootstrapOutputs;
  readonly #run: Run;
  readonly #terraform: Terraform;
  readonly #backend: string;

  private constructor(run: Run, terraform: Terraform, backend: string, outputs: BootstrapOutputs) {
    this.#run = run;
    this.#terraform = terraform;
    this.#backend = backend;
    this.outputs = outputs;
  }

  /** Applies it, and then moves its state into the bucket that it made, as docs/deploy.md says. */
  static async make(run: Run): Promise<Bootstrap> {
    const folder = join(run.folder, 'terraform', 'bootstrap');
    const backend = join(folder, 'backend.tf');
    const terraform = new Terraform(folder, join(run.folder, 'bootstrap.log'), run.endpoint, run.endpoint);
    await terraform.init();
    await terraform.apply(variables);
    const outputs = await terraform.outputs<BootstrapOutputs>();
    await writeFile(
      backend,
      'terraform {\n  backend "s3" {\n    key          = "bootstrap.tfstate"\n    use_lockfile = true\n  }\n}\n',
    );
    await terraform.initIn(outputs.state_bucket, '-migrate-state', '-force-copy');
    return new Bootstrap(run, terraform, backend, outputs);
  }

  /** The rights of a GitHub job of a pull request. */
  planner(): Promise<Credentials> {
    return takeRole(this.#run.cloud, this.outputs.plan_role_arn, subjects.plan);
  }

  /** The rights of a GitHub job that deploys. */
  applier(): Promise<Credentials> {
    return takeRole(this.#run.cloud, this.outputs.apply_role_arn, subjects.apply);
  }

  /**
   * Shows jobs at the roles' doors that have no business there.
   *
   * @returns how many were turned away
   * @throws Error with the first that was let in
   */
  async refuseStrangers(): Promise<string> {
    const { plan_role_arn: plan, apply_role_arn: apply } = this.outputs;
    const strangers: [string, string][] = [
      [apply, subjects.plan],
      [apply, `repo:${repository}:ref:refs/heads/main`],
      [apply, `repo:${repository}:environment:staging`],
      [apply, 'repo:stranger/warehouse:environment:production'],
      [plan, subjects.apply],
      [plan, `repo:${repository}:ref:refs/heads/feature`],
      [plan, 'repo:stranger/warehouse:pull_request'],
    ];
    for (const [role, subject] of strangers) {
      const answer = await takeRole(this.#run.cloud, role, subject).catch((error: unknown) => error as Error);
      if (!(answer instanceof Error)) throw new Error(`${subject} may take ${role}`);
      if (answer.name !== 'AccessDenied') throw answer;
    }
    return `${strangers.length} other jobs turned away`;
  }

  /** Moves the state back out of the bucket and removes all. */
  async destroy(): Promise<void> {
    await rm(this.#backend);
    await this.#terraform.init('-migrate-state', '-force-copy');
    await this.#terraform.destroy(variables);
  }
}
