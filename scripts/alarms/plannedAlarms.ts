import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { alarmOf, type Alarm, type AlarmResource } from './alarm.ts';

const configuration = join(import.meta.dirname, '../../terraform');

/** A test that plans with either trigger, in runs of these names. */
const test = 'tests/dashboard.tftest.hcl';
const triggers = ['state_machine', 's3_events'] as const;

/** What watches over a pipeline. */
export interface Watch {
  readonly alarms: readonly Alarm[];
  /** The JSON of the dashboard. */
  readonly dashboard: string;
}

/** What each trigger has. */
export type PlannedAlarms = Readonly<Record<(typeof triggers)[number], Watch>>;

/**
 * All alarms and the dashboard as Terraform would make them, from plans against the mocked AWS of Terraform's own tests.
 *
 * @returns why not, where this machine has no Terraform or no provider
 * @throws where the configuration cannot be planned
 */
export async function plannedAlarms(): Promise<PlannedAlarms | string> {
  const data = await mkdtemp(join(tmpdir(), 'alarms-'));
  // The one of scripts/check-terraform: the provider is large.
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'totesys-warehouse/terraform');
  const env = { TF_PLUGIN_CACHE_DIR: cache, ...process.env, TF_DATA_DIR: data, CHECKPOINT_DISABLE: '1' };
  try {
    await mkdir(env.TF_PLUGIN_CACHE_DIR, { recursive: true });
    const init = ['init', '-backend=false', '-input=false', '-lockfile=readonly', '-no-color'];
    const unprepared = await terraform(init, env, () => undefined).catch((error: unknown) => String(error));
    if (unprepared !== undefined) return unprepared;
    const found = new Map<string, Watch>();
    await terraform(['test', '-json', '-verbose', `-filter=${test}`], env, (line) => {
      if (!line.includes('"type":"test_plan"')) return;
      const { '@testrun': run, test_plan: plan } = JSON.parse(line) as PlanMessage;
      const made = <T>(wanted: string): T[] =>
        plan.resource_changes.filter(({ type }) => type === wanted).map(({ change }) => change.after as T);
      const [dashboard] = made<{ dashboard_body: string }>('aws_cloudwatch_dashboard');
      const alarms = made<AlarmResource>('aws_cloudwatch_metric_alarm').map(alarmOf);
      found.set(run, { alarms, dashboard: dashboard!.dashboard_body });
    });
    const [state_machine, s3_events] = triggers.map((trigger) => found.get(trigger));
    if (!state_machine || !s3_events) throw new Error(`${test} has no runs ${triggers.join(' and ')}`);
    return { state_machine, s3_events };
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

interface PlanMessage {
  readonly '@testrun': string;
  readonly test_plan: {
    readonly resource_changes: readonly { readonly type: string; readonly change: { readonly after: unknown } }[];
  };
}

/** Runs Terraform, with each line of stdout going to `onLine`. Throws with what it said where it fails or does not start. */
async function terraform(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
): Promise<undefined> {
  const child = spawn('terraform', args, { cwd: configuration, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const closed = once(child, 'close') as Promise<[number]>;
  const read = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      onLine(line);
      if (line.length < 10_000) said.push(`${line}\n`);
    }
  })();
  const [[code]] = await Promise.all([closed, read]);
  if (code !== 0) throw new Error(`terraform ${args.join(' ')}: ${said.join('')}`);
}
