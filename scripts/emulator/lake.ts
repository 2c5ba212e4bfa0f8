import {
  DeleteObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import type { Cloud } from './cloud.ts';
import type { Stack } from './pipeline.ts';

/** Objects that hold keys of deleted rows, as CSV whatever the format of rows. */
const tombstones = /\/deleted-\d+\.csv\.zst$/;

/**
 * Reads the format of each object of rows in the raw log.
 *
 * @returns how many there are
 * @throws Error where one has another format than this
 */
export async function rawFormats({ s3 }: Cloud, stack: Stack, format: 'csv' | 'json'): Promise<string> {
  const keys: string[] = [];
  const Bucket = stack.ingestion_bucket;
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: 'raw/' })) {
    keys.push(...Contents.map(({ Key }) => Key!).filter((key) => !tombstones.test(key)));
  }
  const ending = { csv: '.csv.zst', json: '.jsonl.zst' }[format];
  const others = keys.filter((key) => !key.endsWith(ending));
  if (keys.length === 0 || others.length > 0) throw new Error(`${keys.length} objects, not so: ${others.join(', ')}`);
  return `${keys.length} objects`;
}

/**
 * Finds the rows of a table that were uploaded in parts.
 *
 * @throws Error where there is no such object
 */
export async function uploadedInParts({ s3 }: Cloud, stack: Stack, table: string): Promise<string> {
  const Bucket = stack.ingestion_bucket;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `raw/${table}/` }));
  // S3 marks them so: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
  const parts = Contents.map(({ ETag, Size }) => ({ count: /-(\d+)"?$/.exec(ETag!)?.[1], Size })).find(
    ({ count }) => count !== undefined,
  );
  if (parts === undefined) throw new Error(`${Contents.length} objects of ${table}, none in parts`);
  return `${Math.round(parts.Size! / 1e6)} MB in ${parts.count} parts`;
}

/** Removes every version of every object of the lake, as a person may who has all rights. */
export async function emptyLake({ s3 }: Cloud, stack: Stack): Promise<void> {
  for (const Bucket of [stack.ingestion_bucket, stack.processed_bucket]) {
    for (;;) {
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
      const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({
        Key: Key!,
        VersionId: VersionId!,
      }));
      if (Objects.length === 0) break;
      await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    }
  }
}
