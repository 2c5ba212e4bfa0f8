import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allowances } from './allowances.ts';
import { Bootstrap } from './bootstrap.ts';
import { byEvents } from './byEvents.ts';
import { byStateMachine } from './byStateMachine.ts';
import { clients } from './cloud.ts';
import { openDatabases } from './databases.ts';
import { openEndpoint } from './endpoint.ts';
import { inventory } from './leftovers.ts';
import { buildZips, Pipeline } from './pipeline.ts';
import { Report } from './report.ts';
import type { Run } from './run.ts';
import { copyConfiguration } from './terraform.ts';

/**
 * The whole pipeline in an AWS, from an account without anything to an account without anything. Each claim that is
 * printed has just been seen. PYTHON_TOOLS is the folder of the programs that requirements.txt names.
 */
async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'totes-e2e-'));
  // The account that runs PostgreSQL for root must be able to pass through.
  await chmod(folder, 0o755);
  try {
    const endpoint = await openEndpoint(folder, process.env.PYTHON_TOOLS);
    try {
      const databases = await openDatabases(300);
      try {
        await copyConfiguration(join(folder, 'terraform'));
        await tellStory({ folder, endpoint, cloud: clients(endpoint), databases, report: new Report() });
      } finally {
        await databases.close();
      }
    } finally {
      await endpoint.stop();
    }
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    console.error(error);
    console.error(`what was said is in ${folder}`);
    process.exitCode = 1;
  }
}

/** What there is to remove at the end. */
const kinds = [
  'alarm',
  'alias',
  'bucket',
  'dashboard',
  'function',
  'identity provider',
  'key',
  'log group',
  'policy',
  'role',
  'schedule',
  'group of schedules',
  'secret',
  'topic',
];

async function tellStory(run: Run): Promise<void> {
  const { cloud, report } = run;
  const before = await inventory(cloud);

  report.part('Bootstrap and who may deploy');
  const [bootstrap, code] = await report.step(
    'state bucket and roles made, the state moved into the bucket; zips built meanwhile',
    () => Promise.all([Bootstrap.make(run), buildZips(run)]),
  );
  await report.prove('GitHub jobs of other repositories, branches and environments may take no role', () =>
    bootstrap.refuseStrangers(),
  );
  const pipeline = await Pipeline.prepare(run, bootstrap, code);

  await byStateMachine(run, pipeline);
  const settings = await byEvents(run, pipeline);

  report.part('Removal');
  await report.prove('all is destroyed: no resource is left, and no log group', async () => {
    const news = async (): Promise<string[]> => (await inventory(cloud)).filter((each) => !before.includes(each));
    const deployed = await news();
    const unseen = kinds.filter((kind) => !deployed.some((each) => each.startsWith(`${kind} `)));
    if (unseen.length > 0) throw new Error(`no ${unseen.join(', ')} was found before, so none could be missed after`);
    await pipeline.destroy(settings);
    await bootstrap.destroy();
    const left = await news();
    if (left.length > 0) throw new Error(left.join('\n'));
    return `${deployed.length} things of ${kinds.length} kinds before, none after`;
  });

  console.log('\nNot shown here, and why:');
  for (const allowance of allowances) console.log(`  - ${allowance}`);
  report.end();
}

await main();
