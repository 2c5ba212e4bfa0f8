import { simulate } from '../../packages/cli/src/sampleData/simulate.ts';
import { Listener } from './alerts.ts';
import { unexpectedChanges } from './allowances.ts';
import { compare } from './databases.ts';
import { rawFormats } from './lake.ts';
import { collect, search } from './passwords.ts';
import type { Pipeline, Settings } from './pipeline.ts';
import { tryPrivileges } from './privileges.ts';
import type { Run } from './run.ts';
import { asAwsSecret, makeSecret } from './secrets.ts';
import { ended, failing, run as runOnce, start, succeed } from './stateMachine.ts';

/** `trigger = "state_machine"`, csv, databases given by the ARN of secrets that exist. */
export async function byStateMachine(run: Run, pipeline: Pipeline): Promise<void> {
  const { cloud, databases, report } = run;
  const { source } = databases;
  report.part('Started by the state machine, rows in csv, secrets given by ARN');
  const { database: warehouse, url } = await databases.warehouse('by_state_machine');
  const secrets = {
    source: await makeSecret(cloud, 'e2e/totesys', asAwsSecret(databases.sourceUrl)),
    warehouse: await makeSecret(cloud, 'e2e/warehouse', url),
  };
  const settings: Settings = {
    variables: {
      trigger: 'state_machine',
      raw_format: 'csv',
      rate_minutes: 15,
      source_secret: { arn: secrets.source.arn },
      warehouse_secret: { arn: secrets.warehouse.arn },
    },
  };
  await report.step("planned with a pull request's rights, applied with the deployment's", async () => {
    await pipeline.deploy(settings, await pipeline.bootstrap.planner());
  });
  const stack = await pipeline.outputs();
  const machine = stack.state_machine_arn!;
  const alerts = await Listener.on(cloud, stack.topic_arn);

  await report.prove('the state machine runs the zips and fills an empty warehouse', async () => {
    await succeed(cloud, machine);
    return compare(source, warehouse);
  });
  await report.prove('with nothing new a run ends after asking load', async () => {
    const { states } = await succeed(cloud, machine);
    if (states.includes('Transform')) throw new Error(`it went through ${states.join(', ')}`);
    return states.join(' → ');
  });
  await report.prove('changes of the source arrive', async () => {
    await simulate({ url: source.url, days: 3 });
    await succeed(cloud, machine);
    return compare(source, warehouse);
  });
  await report.prove('three runs at once do no harm', async () => {
    await simulate({ url: source.url, days: 1 });
    const runs = await Promise.all([1, 2, 3].map(() => start(cloud, machine)));
    const results = await Promise.all(runs.map((each) => ended(cloud, each)));
    if (results.some(({ status }) => status !== 'SUCCEEDED')) throw new Error(JSON.stringify(results));
    return `all succeeded; ${await compare(source, warehouse)}`;
  });
  await report.prove('a warehouse that is away for a moment is tried again, and nobody is troubled', async () => {
    await simulate({ url: source.url, days: 1 });
    const execution = await warehouse.away(async () => {
      const started = await start(cloud, machine);
      await failing(cloud, started, 'WarehouseUnavailable');
      return started;
    });
    const { status, errors } = await ended(cloud, execution);
    if (status !== 'SUCCEEDED') throw new Error(status);
    await alerts.receive();
    if (alerts.heard.length > 0) throw new Error(JSON.stringify(alerts.heard));
    return `${errors.length} × ${errors[0]}, then success and no alert; ${await compare(source, warehouse)}`;
  });
  await report.prove('one that stays away is told of: run, stage, error and the link to the log', async () => {
    await simulate({ url: source.url, days: 1 });
    const { status, errors, name } = await warehouse.away(() => runOnce(cloud, machine));
    if (status !== 'FAILED' || errors.length !== 7) throw new Error(`${status} after ${errors.join(', ')}`);
    const { subject, text } = await alerts.waitFor(name);
    const words = ['load', 'WarehouseUnavailable', 'logsV2:log-groups/log-group/$252Faws$252Flambda$252Ftotes-load'];
    const missing = words.filter((word) => !text.includes(word));
    if (missing.length > 0) throw new Error(`the alert does not tell ${missing.join(', ')}:\n${text}`);
    return `6 retries, then the alert "${subject}"`;
  });
  await report.prove(
    'nothing is lost: the next run does what that one left, though the source has nothing new',
    async () => {
      const { states } = await succeed(cloud, machine);
      return `${states.join(' → ')}; ${await compare(source, warehouse)}`;
    },
  );
  await report.prove('an error that trying again cannot mend is told of at once', async () => {
    await source.query('ALTER TABLE payment RENAME COLUMN paid TO settled');
    const { status, errors, name } = await runOnce(cloud, machine);
    await source.query('ALTER TABLE payment RENAME COLUMN settled TO paid');
    if (status !== 'FAILED' || errors.join() !== 'SourceSchemaDrift')
      throw new Error(`${status}: ${errors.join(', ')}`);
    const { text } = await alerts.waitFor(name);
    await succeed(cloud, machine);
    return `"${/Cause: +(.*)/.exec(text)?.[1]}"; then a run succeeds, ${await compare(source, warehouse)}`;
  });
  await report.prove('the lake holds rows in csv alone', () => rawFormats(cloud, stack, 'csv'));
  await report.prove("another plan, with a pull request's rights, finds nothing to change", async () => {
    const unexpected = unexpectedChanges(await pipeline.plan(settings, await pipeline.bootstrap.planner()));
    if (unexpected.length > 0) throw new Error(unexpected.join('\n'));
    return 'no change but the alarms, which the emulator does not return whole';
  });
  await report.prove("each stage's role is enough for its work and for nothing beyond", () =>
    tryPrivileges(cloud, { ...stack, ...pipeline.bootstrap.outputs }),
  );
  await report.prove('no password is in settings, logs, state, plans or histories', async () =>
    search(await collect(cloud, { ...stack, ...pipeline.bootstrap.outputs }, run.folder), databases.passwords, 'totes'),
  );
  await alerts.close();
  await secrets.source.remove();
  await secrets.warehouse.remove();
}
