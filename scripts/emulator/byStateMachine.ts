import { InvokeCommand } from '@aws-sdk/client-lambda';
import { simulate } from '../../packages/cli/src/sampleData/simulate.ts';
import { Listener } from './alerts.ts';
import { expectNoChanges } from './allowances.ts';
import { expectReport } from './businessReport.ts';
import { totes } from './commandLine.ts';
import { differing, expectDifferences, spoil } from './comparison.ts';
import { compare, withoutColumn } from './databases.ts';
import { rawFormats, uploadedInParts } from './lake.ts';
import { nextValue, valuesOf, type Metric } from './metrics.ts';
import { collect, search } from './passwords.ts';
import type { Pipeline, Settings } from './pipeline.ts';
import { tryPrivileges } from './privileges.ts';
import type { Run } from './run.ts';
import { asAwsSecret, makeSecret } from './secrets.ts';
import { hastenSchedules, stopSchedules } from './schedules.ts';
import { ended, failing, nextRun, runToEnd, start, succeed } from './stateMachine.ts';

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
  const place = await pipeline.saveOutputs();
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
  await report.prove('a large table that no star needs is archived too, uploaded in parts', async () => {
    await source.query(
      `CREATE TABLE attachment AS SELECT n AS attachment_id, (SELECT string_agg(md5(random()::text || n || m), '')
       FROM generate_series(1, 32) m) AS body FROM generate_series(1, 20000) n`,
    );
    await succeed(cloud, machine);
    return uploadedInParts(cloud, stack, 'attachment');
  });
  await report.prove('a run does what another one has left, though the source has nothing new', async () => {
    await simulate({ url: source.url, days: 1 });
    await cloud.functions.send(new InvokeCommand({ FunctionName: stack.function_names.ingest }));
    const { states } = await succeed(cloud, machine);
    if (!states.join().includes('Warehouse level,Transform')) throw new Error(`it went through ${states.join(', ')}`);
    return `${states.join(' → ')}; ${await compare(source, warehouse)}`;
  });
  await report.prove(
    'rows that break a rule are set aside and told of, and come back once they are mended',
    async () => {
      const deliver = (date: string): Promise<unknown> =>
        source.query(
          `UPDATE sales_order SET agreed_delivery_date = '${date}', last_updated = now() WHERE sales_order_id = 1`,
        );
      const waiting: Metric = {
        name: 'RowsWaiting',
        service: stack.function_names.transform,
        logGroup: stack.log_groups.transform,
      };
      const counted = await valuesOf(cloud, waiting);
      await deliver('2023-02-30');
      const { name, states } = await succeed(cloud, machine);
      const { subject } = await alerts.waitFor(name);
      if (!states.includes('Alert of quarantine')) throw new Error(`it went through ${states.join(', ')}`);
      counted.push(await nextValue(cloud, waiting, counted));
      const list = ['quarantine', 'list', '--lake', stack.lake];
      const { rows } = await totes<{ rows: { table: string; key: number; reason: string }[] }>(run.endpoint, ...list);
      if (rows.length !== 1 || rows[0]!.table !== 'sales_order' || rows[0]!.key !== 1) {
        throw new Error(`totes quarantine list: ${JSON.stringify(rows)}`);
      }
      await deliver('2023-02-28');
      await succeed(cloud, machine);
      counted.push(await nextValue(cloud, waiting, counted));
      if (counted.slice(-3).join() !== '0,1,0') throw new Error(`RowsWaiting was ${counted.join(', ')}`);
      return `"${subject}", RowsWaiting 1, then 0, totes quarantine list: ${rows[0]!.reason}; ${await compare(source, warehouse)}`;
    },
  );
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
    const told = alerts.heard.filter(({ text }) => text.includes(execution.name));
    if (told.length > 0) throw new Error(JSON.stringify(told));
    return `${errors.length} × ${errors[0]}, then success and no alert; ${await compare(source, warehouse)}`;
  });
  await report.prove('one that stays away is told of: run, stage, error and the link to the log', async () => {
    await simulate({ url: source.url, days: 1 });
    const { status, errors, name } = await warehouse.away(() => runToEnd(cloud, machine));
    if (status !== 'FAILED' || errors.length !== 7) throw new Error(`${status} after ${errors.join(', ')}`);
    const { subject, text } = await alerts.waitFor(name);
    expectLines(text, [
      /^The stage load failed\.$/m,
      new RegExp(`^Run: +${name}$`, 'm'),
      /^Error: +WarehouseUnavailable$/m,
      /^Log: +https:\/\/\S+log-group\/\$252Faws\$252Flambda\$252Ftotes-load$/m,
    ]);
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
    const { status, errors, name } = await withoutColumn(source, () => runToEnd(cloud, machine));
    if (status !== 'FAILED' || errors.join() !== 'SourceSchemaDrift') {
      throw new Error(`${status}: ${errors.join(', ')}`);
    }
    const { text } = await alerts.waitFor(name);
    expectLines(text, [
      /^The stage ingest failed\.$/m,
      /^Cause: .*column payment\.paid is missing/m,
      /\$252Ftotes-ingest$/m,
    ]);
    await succeed(cloud, machine);
    return `"column payment.paid is missing"; then a run succeeds, ${await compare(source, warehouse)}`;
  });
  await report.prove(
    'rows spoilt in the warehouse, and one deleted in the source, are found by verify and healed by the next run',
    async () => {
      const found = await expectDifferences(cloud, stack, await spoil(source, warehouse));
      await succeed(cloud, machine);
      return `${found}, then ${await expectDifferences(cloud, stack, {})}; ${await compare(source, warehouse)}`;
    },
  );
  await report.prove('a comparison that fails is told of', async () => {
    const verify = new InvokeCommand({ FunctionName: stack.function_names.verify, InvocationType: 'Event' });
    const { text } = await warehouse.away(async () => {
      await cloud.functions.send(verify);
      return alerts.waitFor('function:totes-verify', 300);
    });
    if (!text.includes('WarehouseUnavailable')) throw new Error(text);
    return 'WarehouseUnavailable';
  });
  await report.prove('the business report shows the warehouse to whoever has the signed link, and to nobody else', () =>
    expectReport(run.endpoint, warehouse, () => totes(run.endpoint, 'dashboard', '--stack', place)),
  );
  await report.prove('the lake holds rows in csv alone', () => rawFormats(cloud, stack, 'csv'));
  await report.prove("another plan, with a pull request's rights, finds nothing to change", async () => {
    return expectNoChanges(await pipeline.plan(settings, await pipeline.bootstrap.planner()));
  });
  await report.prove("each function's role is enough for its work and for nothing beyond", () =>
    tryPrivileges(cloud, stack),
  );
  await report.prove('the schedules start runs and comparisons', async () => {
    await simulate({ url: source.url, days: 1 });
    const comparisons = await valuesOf(cloud, differing(stack));
    const hastened = await hastenSchedules(cloud);
    const { status } = await nextRun(cloud, machine, 120);
    await nextValue(cloud, differing(stack), comparisons, 120);
    await stopSchedules(cloud);
    if (status !== 'SUCCEEDED') throw new Error(status);
    return `${hastened} schedules, at a rate of a minute here; ${await compare(source, warehouse)}`;
  });
  await report.prove(
    'no password is in settings, logs, state, histories, alerts, or what Terraform printed',
    async () => {
      const places = await collect(cloud, stack, run.folder, alerts.heard);
      return search(places, databases.passwords, ['settings', 'log', 'state', 'run', 'alert', 'output'], 'totes');
    },
  );
  await alerts.close();
  await secrets.source.remove();
  await secrets.warehouse.remove();
}

/** Checks that an alert has each of these lines. */
function expectLines(text: string, lines: readonly RegExp[]): void {
  const missing = lines.filter((line) => !line.test(text));
  if (missing.length > 0) throw new Error(`the alert has no line ${missing.join(', ')}:\n${text}`);
}
