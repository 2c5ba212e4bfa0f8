import { ConfigInvalid } from '../errors.ts';
import { FolderStore } from './folderStore.ts';
import { processedBucket, rawBucket, type ProcessedBucket, type RawBucket } from './lake.ts';
import type { ObjectStore } from './objectStore.ts';

/** Both logs of a pipeline. */
export interface Lake {
  readonly raw: RawBucket;
  readonly processed: ProcessedBucket;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** The raw and the processed bucket of a lake that has no root of its own, as in the cloud. */
const twoBuckets = /^(s3:\/\/[^,]*),(s3:\/\/.*)$/;

/**
 * Opens a lake whose two buckets share one root: the raw one in its `ingestion`, the processed one in its `processed`.
 * Nothing is read or made yet.
 *
 * @param uri `s3://bucket`, `s3://bucket/prefix` or a folder's path; `s3://raw,s3://processed` where they share no root
 * @throws ConfigInvalid
 */
export async function openLake(uri: string): Promise<Lake> {
  const [, rawUri, processedUri] = twoBuckets.exec(uri) ?? [];
  const [raw, processed] = await Promise.all(
    rawUri === undefined || processedUri === undefined
      ? [open(uri, 'ingestion'), open(uri, 'processed')]
      : [open(rawUri), open(processedUri)],
  );
  return { raw: rawBucket(raw), processed: processedBucket(processed) };
}

/** Opens one bucket, for a pipeline whose raw and processed objects do not share a root. As `openLake` otherwise. */
export const openStore = (uri: string): Promise<ObjectStore> => open(uri);

async function open(uri: string, ...folder: readonly string[]): Promise<ObjectStore> {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(uri) ?? [];
  if (scheme === undefined && uri !== '') return new FolderStore(uri, ...folder);
  const [bucket = '', ...prefix] = rest.replace(/\/+$/, '').split('/');
  if (scheme !== 's3' || !bucketName.test(bucket) || prefix.some((name) => ['', '.', '..'].includes(name))) {
    throw new ConfigInvalid(
      `lake ${uri.includes('@') ? '(not shown: it may hold a password)' : JSON.stringify(uri)} cannot be used: write s3://bucket/prefix or a folder's path`,
    );
  }
  // The AWS SDK takes longer to load than a command on a folder takes to run.
  const { connectS3 } = await import('./s3Store.ts');
  return connectS3(bucket, [...prefix, ...folder].join('/'));
}
