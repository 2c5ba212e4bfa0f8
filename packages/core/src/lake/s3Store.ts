import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type GetObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { nameOf } from '../awsFault.ts';
import { LakeCorrupt, LakeRefused } from '../errors.ts';
import { keptBetweenCalls } from '../outlivesCall.ts';
import { checkedKey, checkedPrefix } from './key.ts';
import type { ObjectStore } from './objectStore.ts';
import { isConflict, s3Failure } from './s3Failure.ts';
import { s3Requests } from './s3Requests.ts';

/** S3 asks that a write be tried again when it raced another of the same key; the winner is known at once. */
const conflictRetries = 5;

/** S3 takes at most 10,000 parts, so an object may have 80 GB; four parts are held in memory at a time. */
const partBytes = 8 * 1024 * 1024;

/** The metadata that tells the upload that wrote an object. */
const uploadTag = 'upload';

/** A lake in a bucket, or in the part of it whose keys start with `prefix` and a "/". */
export class S3Store implements ObjectStore {
  readonly uri: string;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #root: string;

  constructor(client: S3Client, bucket: string, prefix = '') {
    this.uri = prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
    this.#client = client;
    this.#bucket = bucket;
    this.#root = prefix === '' ? '' : `${prefix}/`;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    try {
      return await (await this.#open(key))?.transformToByteArray();
    } catch (error) {
      throw s3Failure(`${this.uri}/${key} cannot be read`, error);
    }
  }

  async *stream(key: string): AsyncGenerator<Uint8Array> {
    try {
      const body = await this.#open(key);
      if (body === undefined) throw new LakeCorrupt(`${this.uri}/${key} is missing, though a manifest names it`);
      yield* body as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw s3Failure(`${this.uri}/${key} cannot be read`, error);
    }
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<boolean> {
    const request = new PutObjectCommand({ ...this.#at(key), Body: body, IfNoneMatch: '*' });
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#client.send(request);
        return true;
      } catch (error) {
        if (nameOf(error) === 'PreconditionFailed') return false;
        if (!isConflict(error) || attempt > conflictRetries) {
          throw s3Failure(`${this.uri}/${key} cannot be written`, error);
        }
        await setTimeout(50 * attempt);
      }
    }
  }

  /**
   * Uploads in parts; the object comes into being when the last request completes them, if the key is still free. Parts
   * of an upload that failed are removed, or by the bucket's rule for incomplete uploads where that fails too.
   */
  async upload(key: string, body: AsyncIterable<Uint8Array>): Promise<void> {
    const id = randomUUID();
    const source = new WatchedSource(body);
    const upload = new Upload({
      client: this.#client,
      params: { ...this.#at(key), Body: Readable.from(source), IfNoneMatch: '*', Metadata: { [uploadTag]: id } },
      partSize: partBytes,
      // The client would report a removal that fails in place of the fault that led to it.
      leavePartsOnError: true,
    });
    try {
      await upload.done();
    } catch (error) {
      await this.#removeParts(key, upload.uploadId);
      if (source.failed) throw source.error;
      // The client repeats a request whose reply was lost, and then meets the object that the first one made.
      const taken = nameOf(error) === 'PreconditionFailed';
      if ((taken || nameOf(error) === 'NoSuchUpload') && (await this.#isFrom(id, key))) return;
      if (taken) throw new LakeRefused(`${this.uri}/${key} exists already; objects of the lake are never replaced`);
      throw s3Failure(`${this.uri}/${key} cannot be written`, error);
    }
  }

  async list(prefix: string, after?: string, limit = 1000): Promise<string[]> {
    const Prefix = this.#root + checkedPrefix(this.uri, prefix);
    const start = after === undefined ? {} : { StartAfter: this.#root + after };
    const keys: string[] = [];
    let next: string | undefined;
    do {
      const page = await this.#client
        .send(
          new ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix,
            MaxKeys: limit - keys.length,
            ...(next === undefined ? start : { ContinuationToken: next }),
          }),
        )
        .catch((error: unknown) => {
          throw s3Failure(`${this.uri}/${prefix} cannot be listed`, error);
        });
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key!.slice(this.#root.length)));
      next = page.NextContinuationToken;
    } while (next !== undefined && keys.length < limit);
    return keys;
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#root + checkedKey(this.uri, key) };
  }

  /** The body of an object, or undefined where there is none. */
  async #open(key: string): Promise<GetObjectCommandOutput['Body']> {
    try {
      return (await this.#client.send(new GetObjectCommand(this.#at(key)))).Body;
    } catch (error) {
      if (nameOf(error) === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  /** Does what it can: the first fault is the one to report. */
  async #removeParts(key: string, upload: string | undefined): Promise<void> {
    if (upload === undefined) return;
    await this.#client
      .send(new AbortMultipartUploadCommand({ ...this.#at(key), UploadId: upload }))
      .catch(() => undefined);
  }

  async #isFrom(upload: string, key: string): Promise<boolean> {
    try {
      return (await this.#client.send(new HeadObjectCommand(this.#at(key)))).Metadata?.[uploadTag] === upload;
    } catch (error) {
      if (nameOf(error) === 'NotFound') return false;
      throw s3Failure(`${this.uri}/${key} cannot be read`, error);
    }
  }
}

/** Passes chunks on and remembers what the source threw, to tell it from an error of the upload itself. */
class WatchedSource implements AsyncIterable<Uint8Array> {
  failed = false;
  error: unknown;
  readonly #source: AsyncIterable<Uint8Array>;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#source;
    } catch (error) {
      this.failed = true;
      this.error = error;
      throw error;
    }
  }
}

const client = keptBetweenCalls(() => new S3Client(s3Requests));

/**
 * A store on S3 with the credentials, region and endpoint of the environment, as the AWS CLI finds them. A function has one
 * client for all its stores and calls, and with it the connections that are open already.
 */
export const connectS3 = (bucket: string, prefix: string): S3Store => new S3Store(client(), bucket, prefix);
