import { InvokeCommand } from '@aws-sdk/client-lambda';
import { simulate } from '../../packages/cli/src/sampleData/simulate.ts';
import { Listener } from './alerts.ts';
import { expectNoChanges } from './allowances.ts';
import { expectReport } from './businessReport.ts';
import { expectDifferences, spoil } from './comparison.ts';
import { compare, withoutColumn } from './databases.ts';
import { runOf } from './inspection.ts';
import { emptyLake, rawFormats } from './lake.ts';
import { collect, search } from './passwords.ts';
import { lineLike, Operator, stagesOf } from './operator.ts';
import { makeOperatorRole } from './operatorRole.ts';
import type { Pipeline, Settings } from './pipeline.ts';
import { tryPrivileges, tryWithAllRights } from './privileges.ts';
import type { Run } from './run.ts';
import { stopSchedules } from './schedules.ts';
import { until } from './until.ts';

/**
 * `trigger = "s3_events"`, json, databases given by their URLs, in place of what `byStateMachine` has left: another
 * warehouse, and a lake that starts anew.
 */
export async function byEvents(run: Run, pipeline: Pipeline): Promise<Settings> {
  const { cloud, databases, report } = run;
  const { source } = databases;
  report.part('Started by events, rows in json, secrets made here');
  const { database: warehouse, url } = await databases.warehouse('by_events');
  const settings: Settings = {
    variables: { trigger: 's3_events', raw_format: 'json', rate_minutes: 1 },
    secrets: { source_database_url: databases.sourceUrl, warehouse_database_url: url },
  };
  await report.step('the lake is emptied, and the other trigger deployed in place', async () => {
    await emptyLake(cloud, await pipeline.outputs());
    await pipeline.deploy(settings, await pipeline.bootstrap.planner());
  });
  const stack = await pipeline.outputs();
  const alerts = await Listener.on(cloud, stack.topic_arn);
  const role = await makeOperatorRole(cloud, stack);
  const operator = await Operator.at(run, role.credentials);
  // As its schedule does.
  const ingest = new InvokeCommand({ FunctionName: stack.function_names.ingest, InvocationType: 'Event' });
  const arrived = async (seconds: number): Promise<string> => {
    let last: unknown;
    const equal = (): Promise<string | undefined> =>
      compare(source, warehouse).catch((error: unknown) => {
        last = error;
        return undefined;
      });
    return until('the warehouse equals the source', seconds, equal, () => last);
  };

  await report.prove('schedules and events fill an empty warehouse', () => arrived(180));
  await report.prove('another plan finds nothing to change', async () => {
    return expectNoChanges(await pipeline.plan(settings, await pipeline.bootstrap.applier()));
  });
  await report.prove(
    'events alone bring a change to the warehouse: a commit in a log starts the next stage',
    async () => {
      const stopped = await stopSchedules(cloud);
      await simulate({ url: source.url, days: 2 });
      await cloud.functions.send(ingest);
      return `${stopped} schedules switched off, ingest called once; ${await arrived(60)}`;
    },
  );
  await report.prove('status knows each stage by its log, without a state machine', () => operator.expectHealthy());
  await report.prove('the business report follows each load, with the schedules off', () =>
    expectReport(run.endpoint, warehouse, () => operator.ask('totes dashboard --stack stack.json')),
  );
  await report.prove('five calls of each function at once do no harm', async () => {
    await simulate({ url: source.url, days: 1 });
    const calls = Object.values(stack.function_names).flatMap((FunctionName) =>
      [1, 2, 3, 4, 5].map(() => cloud.functions.send(new InvokeCommand({ FunctionName }))),
    );
    const lost = (await Promise.all(calls)).filter(({ FunctionError }) => FunctionError !== undefined);
    for (const { Payload } of lost) {
      const { errorType, errorMessage } = JSON.parse(Buffer.from(Payload!).toString()) as Record<string, string>;
      const isLost = errorType === 'CommitConflict' || /^another replay .* is at work/.test(errorMessage!);
      if (!isLost) throw new Error(`${errorType}: ${errorMessage}`);
    }
    return `${calls.length} calls, ${lost.length} of them lost a race; ${await arrived(60)}`;
  });
  await report.prove('a stage that fails is told of, and status names the log that says why', async () => {
    await simulate({ url: source.url, days: 1 });
    const { text } = await withoutColumn(source, async () => {
      await cloud.functions.send(ingest);
      return alerts.waitFor('SourceSchemaDrift', 300);
    });
    const { requestContext } = JSON.parse(text) as { requestContext: { functionArn: string } };
    const next = await operator.expectProblem(
      /^Not healthy: the last (\d calls|call) of ingest failed, at last .*: SourceSchemaDrift: /,
    );
    const failed = / {2}ERROR {2}ingest .* {2}ingest failed .*column payment\.paid is missing/;
    const call = runOf(lineLike(await operator.type(next), failed));
    lineLike(await operator.type(`totes logs --stack stack.json --run ${call}`), failed);
    return `${requestContext.functionArn}; ${next}`;
  });
  await report.prove(
    'a person can run the stages one after another, which does the work of the call that failed',
    async () => {
      const stages = stagesOf(await operator.type('totes run --stack stack.json --watch'));
      return `${stages}; ${await operator.expectHealthy()} ${await arrived(60)}`;
    },
  );
  await report.prove(
    'rows spoilt in the warehouse, and one deleted in the source, are found by verify and healed by the next call',
    async () => {
      const found = await expectDifferences(cloud, stack, operator, await spoil(source, warehouse));
      await cloud.functions.send(ingest);
      const healed = await arrived(60);
      return `${found}, then ${await expectDifferences(cloud, stack, operator, {})}; ${healed}`;
    },
  );
  await report.prove('the lake holds rows in json alone', () => rawFormats(cloud, stack, 'json'));
  await report.prove("each function's role is enough for its work and for nothing beyond", () =>
    tryPrivileges(cloud, stack),
  );
  await report.prove("the role that plans may not read the databases' passwords", async () => {
    const refused = await pipeline.plan(settings, await pipeline.bootstrap.planner()).catch((error: unknown) => error);
    if (!(refused instanceof Error)) throw new Error('it read them');
    if (!refused.message.includes('GetSecretValue')) throw refused;
    return 'GetSecretValue is denied';
  });
  await report.prove(
    'no password is in settings, logs, state, alerts, or what Terraform and totes printed',
    async () => {
      const places = await collect(cloud, stack, run.folder, alerts.heard);
      return search(places, databases.passwords, ['settings', 'log', 'state', 'alert', 'output'], 'totes');
    },
  );
  await report.prove('what the roles were denied works with all rights, but for replacing objects of the lake', () =>
    tryWithAllRights(cloud, stack),
  );
  await alerts.close();
  await role.remove();
  return settings;
}
