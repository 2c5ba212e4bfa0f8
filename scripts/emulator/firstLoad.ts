import { GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { Cloud } from './cloud.ts';
import type { Databases } from './databases.ts';
import { logLines } from './logs.ts';
import type { Stack } from './pipeline.ts';

/**
 * Has the first load read in slices of one block each, though the source is small, while its reader may have no more than
 * two connections: one keeps the snapshot, so that of the slices that are read at once all but one fail, and are tried again.
 *
 * @param load does the first load
 * @returns how many slices there were of a table, and how many attempts failed
 * @throws Error where a table was not cut, or no attempt failed
 */
export async function inSlices(
  cloud: Cloud,
  stack: Stack,
  databases: Databases,
  load: () => Promise<void>,
): Promise<string> {
  const usual = await sliceBlocks(cloud, stack, '1');
  await databases.readerConnections(2);
  try {
    await load();
  } finally {
    await databases.readerConnections(-1);
    await sliceBlocks(cloud, stack, usual);
  }
  const listed = new ListObjectsV2Command({ Bucket: stack.ingestion_bucket, Prefix: 'raw/sales_order/' });
  const { Contents = [] } = await cloud.s3.send(listed);
  if (Contents.length < 3) throw new Error(`sales_order was read in ${Contents.length} slices`);
  const lines = await logLines(cloud, stack.log_groups.ingest);
  const failed = lines.filter((line) => line.includes('ingest failed') && line.includes('SourceUnavailable'));
  if (failed.length === 0) throw new Error('no slice failed');
  return `${Contents.length} slices of sales_order, ${failed.length} attempts failed for want of a connection`;
}

/** Sets how many blocks a slice has, as Terraform would, and tells how many it had. */
async function sliceBlocks({ functions }: Cloud, stack: Stack, blocks: string): Promise<string> {
  const FunctionName = stack.function_names.ingest;
  const { Environment } = await functions.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const Variables = { ...Environment!.Variables, SLICE_BLOCKS: blocks };
  await functions.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
  return Environment!.Variables!.SLICE_BLOCKS!;
}
