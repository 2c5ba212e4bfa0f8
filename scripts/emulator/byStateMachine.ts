import { InvokeCommand } from '@aws-sdk/client-lambda';
import { simulate } from '../../packages/cli/src/sampleData/simulate.ts';
import { raiseAlarms } from './alarms.ts';
import { Listener } from './alerts.ts';
import { expectNoChanges } from './allowances.ts';
import { expectReport } from './businessReport.ts';
import { differing, expectHealed, spoil } from './comparison.ts';
import { compare, withoutColumn } from './databases.ts';
import { expectSlices, inSlices } from './firstLoad.ts';
import { expectSetAside, followVersion } from './inspection.ts';
import { rawFormats, uploadedInParts } from './lake.ts';
import { nextValue, valuesOf, type Metric } from './metrics.ts';
import { lineLike, Operator, stagesOf } from './operator.ts';
import { makeOperatorRole } from './operatorRole.ts';
import { collect, search } from './passwords.ts';
import type { Pipeline, Settings } from './pipeline.ts';
import { tryPrivileges } from './privileges.ts';
import type { Run } from './run.ts';
import { hastenSchedules, stopSchedules } from './schedules.ts';
import { asAwsSecret, makeSecret } from './secrets.ts';
import { nextRun } from './stateMachine.ts';

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
      slice_connections: 4,
      transform_slices: 4,
      source_secret: { arn: secrets.source.arn },
      warehouse_secret: { arn: secrets.warehouse.arn },
    },
  };
  await report.step("planned with a pull request's rights, applied with the deployment's", async () => {
    await pipeline.deploy(settings, await pipeline.bootstrap.planner());
  });
  const stack = await pipeline.outputs();
  const alerts = await Listener.on(cloud, stack.topic_arn);
  const role = await makeOperatorRole(cloud, stack);
  const operator = await Operator.at(run, role.credentials);

  await report.prove(
    'status names the command that fills an empty warehouse: the state machine runs the zips, many at once by two Distributed Maps',
    async () => {
      const next = await operator.expectProblem(/^Not healthy: no run has ever succeeded or failed/);
      const stages = stagesOf(await inSlices(run, stack, () => operator.type(next)));
      return `${next}: ${stages}; ${await compare(source, warehouse)}`;
    },
  );
  await report.prove('slices were read and transformed at once, and those that failed were done again', () =>
    expectSlices(run, stack),
  );
  await report.prove('then all is well, by the folder of Terraform as by its saved outputs', () =>
    operator.expectHealthy('terraform'),
  );
  await report.prove('with nothing new a run ends after asking load and the report', async () => {
    const stages = stagesOf(await operator.type('totes run --stack stack.json --watch'));
    if (stages !== 'ingest → load → report') throw new Error(stages);
    return stages;
  });
  await report.prove('changes of the source arrive', async () => {
    await simulate({ url: source.url, days: 3 });
    await operator.run();
    return compare(source, warehouse);
  });
  await report.prove('history leads from a version to the run that made it, and logs to what that run wrote', () =>
    followVersion(operator),
  );
  await report.prove('a large table that no star needs is archived too, uploaded in parts, and told of', async () => {
    await source.query(
      `CREATE TABLE attachment AS SELECT n AS attachment_id, (SELECT string_agg(md5(random()::text || n || m), '')
       FROM generate_series(1, 32) m) AS body FROM generate_series(1, 20000) n`,
    );
    await operator.run();
    const next = await operator.expectProblem(
      /^Not healthy: the source's schema changed .*: table attachment is new\. /,
    );
    const equal = lineLike(await operator.type(next), /^Equal: /);
    return `${await uploadedInParts(cloud, stack, 'attachment')}; ${next}: ${equal}`;
  });
  await report.prove('a run does what another one has left, though the source has nothing new', async () => {
    await simulate({ url: source.url, days: 1 });
    await cloud.functions.send(new InvokeCommand({ FunctionName: stack.function_names.ingest }));
    const stages = stagesOf(await operator.type('totes run --stack stack.json --watch'));
    if (stages !== 'ingest → load → transform → load → report') throw new Error(stages);
    return `${stages}; ${await compare(source, warehouse)}`;
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
      const { subject } = await alerts.waitFor((await operator.run()).run);
      counted.push(await nextValue(cloud, waiting, counted));
      const reason = await expectSetAside(operator);
      await deliver('2023-02-28');
      await operator.type('totes quarantine retry --stack stack.json');
      await operator.run();
      counted.push(await nextValue(cloud, waiting, counted));
      if (counted.slice(-3).join() !== '0,1,0') throw new Error(`RowsWaiting was ${counted.join(', ')}`);
      return `"${subject}", RowsWaiting 1, then 0, ${reason}; ${await compare(source, warehouse)}`;
    },
  );
  await report.prove('an alarm that CloudWatch raises is told of, and none of another stack', async () => {
    const lower = await raiseAlarms(cloud, 'totes-schema-changed', 'totes-two-stale');
    const next = await operator.expectProblem(/^Not healthy: alarm totes-schema-changed is firing since /);
    await lower();
    return `${next}; then ${await operator.expectHealthy()}`;
  });
  await report.prove('three runs at once do no harm', async () => {
    await simulate({ url: source.url, days: 1 });
    await Promise.all([1, 2, 3].map(() => operator.run()));
    return `all succeeded; ${await compare(source, warehouse)}`;
  });
  await report.prove('a warehouse that is away for a moment is tried again, and nobody is troubled', async () => {
    await simulate({ url: source.url, days: 1 });
    const watched = await warehouse.away(async () => {
      const started = operator.start('totes run --stack stack.json --watch');
      await started.said(/ WarehouseUnavailable: /);
      return started;
    });
    const answer = await watched.ended;
    if (answer.code !== 0) throw new Error(JSON.stringify(answer));
    const name = lineLike(answer, /^Run \S+ started/).split(' ')[1]!;
    await alerts.receive();
    const told = alerts.heard.filter(({ text }) => text.includes(name));
    if (told.length > 0) throw new Error(JSON.stringify(told));
    return `${stagesOf(answer)}, then success and no alert; ${await compare(source, warehouse)}`;
  });
  await report.prove('one that stays away is told of: run, stage, error and the link to the log', async () => {
    await simulate({ url: source.url, days: 1 });
    const { run: name, tries } = await warehouse.away(() => operator.failingRun('WarehouseUnavailable'));
    if (tries !== 7) throw new Error(`${tries} tries`);
    const { subject, text } = await alerts.waitFor(name);
    expectLines(text, [
      /^The stage load failed\.$/m,
      new RegExp(`^Run: +${name}$`, 'm'),
      /^Error: +WarehouseUnavailable$/m,
      /^Log: +https:\/\/\S+log-group\/\$252Faws\$252Flambda\$252Ftotes-load$/m,
    ]);
    return `6 retries, then the alert "${subject}"`;
  });
  await report.prove('status tells of it too, and its next command shows each try', async () => {
    const next = await operator.expectProblem(
      /^Not healthy: the last run failed, since .*: load: WarehouseUnavailable: /,
    );
    const { out } = await operator.type(next);
    const tries = out.filter((line) => / {2}WARN .* {2}load failed .*error=WarehouseUnavailable: /.test(line));
    if (tries.length < 7) throw new Error(out.join('\n'));
    return `${next}: ${tries.length} lines`;
  });
  await report.prove(
    'nothing is lost: the next run does what that one left, though the source has nothing new',
    async () => {
      const stages = stagesOf(await operator.type('totes run --stack stack.json --watch'));
      return `${stages}; ${await operator.expectHealthy()} ${await compare(source, warehouse)}`;
    },
  );
  await report.prove('an error that trying again cannot mend is told of at once', async () => {
    const { run: name, tries } = await withoutColumn(source, () => operator.failingRun('SourceSchemaDrift'));
    if (tries !== 1) throw new Error(`${tries} tries`);
    const { text } = await alerts.waitFor(name);
    expectLines(text, [
      /^The stage ingest failed\.$/m,
      /^Cause: .*column payment\.paid is missing/m,
      /\$252Ftotes-ingest$/m,
    ]);
    const next = await operator.expectProblem(/^Not healthy: .*: ingest: SourceSchemaDrift: /);
    lineLike(await operator.type(next), / {2}ERROR .*column payment\.paid is missing/);
    await operator.run();
    return `"column payment.paid is missing", and so ${next}; then a run succeeds, ${await compare(source, warehouse)}`;
  });
  await report.prove(
    'rows spoilt in the warehouse, and one deleted in the source, are found and healed by verify --heal',
    async () => {
      const healed = await expectHealed(cloud, stack, operator, await spoil(source, warehouse));
      return `${healed}; ${await compare(source, warehouse)}`;
    },
  );
  await report.prove('replay rebuilds the processed log and the warehouse, beside those in use', async () => {
    const rebuilt = lineLike(
      await operator.type('totes replay --stack stack.json --from-raw'),
      /^Warehouse rebuilt from /,
    );
    return `${rebuilt} ${await operator.expectHealthy()} ${await compare(source, warehouse)}`;
  });
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
    expectReport(run.endpoint, warehouse, () => operator.ask('totes dashboard --stack stack.json')),
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
    const { name, status } = await nextRun(cloud, stack.state_machine_arn!, 120);
    await nextValue(cloud, differing(stack), comparisons, 120);
    await stopSchedules(cloud);
    if (status !== 'SUCCEEDED') throw new Error(`${name}: ${status}`);
    await operator.expectHealthy();
    return `${hastened} schedules, at a rate of a minute here; ${await compare(source, warehouse)}`;
  });
  await report.prove(
    'no password is in settings, logs, state, histories, alerts, or what Terraform and totes printed',
    async () => {
      const places = await collect(cloud, stack, run.folder, alerts.heard);
      return search(places, databases.passwords, ['settings', 'log', 'state', 'run', 'alert', 'output'], 'totes');
    },
  );
  await alerts.close();
  await role.remove();
  await secrets.source.remove();
  await secrets.warehouse.remove();
}

/** Checks that an alert has each of these lines. */
function expectLines(text: string, lines: readonly RegExp[]): void {
  const missing = lines.filter((line) => !line.test(text));
  if (missing.length > 0) throw new Error(`the alert has no line ${missing.join(', ')}:\n${text}`);
}
