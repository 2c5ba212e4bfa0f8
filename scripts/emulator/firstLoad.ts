import {
  DeleteFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { Cloud } from './cloud.ts';
import { logLines } from './logs.ts';
import { lastMapRun } from './mapRun.ts';
import type { Stack } from './pipeline.ts';
import type { Run } from './run.ts';

/** The slice whose call dies; which of the facts it is of does not matter. */
const deadly = '3';

/**
 * Has the first load read and transformed in slices of one block each, though the source is small, while much goes wrong:
 *
 * - the source's reader may have no more than two connections: one keeps the snapshot, so that of the slices that are read at
 *   once all but one fail, and are tried again;
 * - no more than three calls of transform may run at once, so that a fourth is turned away, and comes again;
 * - the call for one slice dies, where calls can be killed, and is not tried again: the slice is left to the call that commits.
 *
 * @param load does the first load
 */
export async function inSlices<T>({ cloud, databases }: Run, stack: Stack, load: () => Promise<T>): Promise<T> {
  const { functions } = cloud;
  const FunctionName = stack.function_names.transform;
  const usualBlocks = await set(cloud, stack.function_names.ingest, { SLICE_BLOCKS: '1' });
  const usual = await set(cloud, FunctionName, { DIES_IN_SLICE: deadly });
  await functions.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 3 }));
  await databases.readerConnections(2);
  try {
    return await load();
  } finally {
    await databases.readerConnections(-1);
    await functions.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    await usual();
    await usualBlocks();
  }
}

/**
 * Looks at what `inSlices` made of the newest run.
 *
 * @returns how many slices there were of a table, and how many attempts failed
 * @throws Error where a table was not cut, or nothing failed
 */
export async function expectSlices({ cloud, endpoint }: Run, stack: Stack): Promise<string> {
  return `${await wereRead(cloud, stack)}; ${await wereTransformed(cloud, stack, endpoint.killsCalls ? 1 : 0)}`;
}

/** Sets variables of a function beside those that Terraform has set; gives what sets those again. */
async function set(
  { functions }: Cloud,
  FunctionName: string,
  changed: Readonly<Record<string, string>>,
): Promise<() => Promise<void>> {
  const { Environment } = await functions.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const update = async (Variables: Record<string, string>): Promise<void> => {
    await functions.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
  };
  await update({ ...Environment!.Variables, ...changed });
  return () => update(Environment!.Variables!);
}

async function wereRead(cloud: Cloud, stack: Stack): Promise<string> {
  const objects = await count(cloud, stack.ingestion_bucket, 'raw/sales_order/');
  const lines = await logLines(cloud, stack.log_groups.ingest);
  const failed = lines.filter((line) => line.includes('ingest failed') && line.includes('SourceUnavailable'));
  if (failed.length === 0) throw new Error('no slice failed to be read');
  return `${objects} slices of sales_order, ${failed.length} attempts at slices failed for want of a connection`;
}

async function wereTransformed(cloud: Cloud, stack: Stack, deaths: number): Promise<string> {
  const objects = await count(cloud, stack.processed_bucket, 'star/fact_sales_order/');
  const { slices, failed, errors } = await lastMapRun(cloud, stack.state_machine_arn!, 'transform');
  const [{ length: away }, { length: died }] = ['Lambda.TooManyRequestsException', 'Runtime.ExitError'].map((name) =>
    errors.filter((error) => error === name),
  ) as [string[], string[]];
  const told = `${objects} of fact_sales_order among ${slices} of facts, ${away} attempts turned away and ${died} died, ${failed} left to the commit`;
  // One that is turned away again and again is left too.
  if (away === 0 || died !== deaths || failed < deaths || errors.length !== away + died) {
    throw new Error(`${told}: ${errors.join(', ')}`);
  }
  return told;
}

/** Counts the objects of a table, one for each of its slices. Throws Error where it was not cut. */
async function count({ s3 }: Cloud, Bucket: string, Prefix: string): Promise<number> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  if (Contents.length < 3) throw new Error(`${Prefix} was done in ${Contents.length} slices`);
  return Contents.length;
}
