import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { isConflict, nameOf, s3Failure } from '@totes/core';
import { fromMetadata, pageKey, toMetadata, type Edition } from './edition.ts';

/** The page as the bucket has it. */
export interface Published {
  /** Undefined where the object says nothing of it. */
  readonly edition: Edition | undefined;
  /** What a write has to name to take this one's place, and no other's. */
  readonly etag: string;
}

/** The object that holds the page in a bucket of S3. */
export class PublishedPage {
  readonly uri: string;
  readonly #client: S3Client;
  readonly #at: { readonly Bucket: string; readonly Key: string };

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#at = { Bucket: bucket, Key: pageKey };
    this.uri = `s3://${bucket}/${pageKey}`;
  }

  /** What is there now; undefined where there is no page. Throws LakeUnavailable, LakeRefused. */
  async look(): Promise<Published | undefined> {
    try {
      const { ETag, Metadata } = await this.#client.send(new HeadObjectCommand(this.#at));
      return { edition: fromMetadata(Metadata), etag: ETag! };
    } catch (error) {
      if (nameOf(error) === 'NotFound') return undefined;
      throw s3Failure(`${this.uri} cannot be read`, error);
    }
  }

  /**
   * Writes the page in place of what was seen there, or of nothing.
   *
   * @returns false where the object is not what was seen any more: nothing was written then
   * @throws LakeUnavailable, LakeRefused
   */
  async replace(seen: Published | undefined, edition: Edition, html: Uint8Array): Promise<boolean> {
    const condition = seen === undefined ? { IfNoneMatch: '*' } : { IfMatch: seen.etag };
    try {
      await this.#client.send(
        new PutObjectCommand({
          ...this.#at,
          ...condition,
          Body: html,
          ContentType: 'text/html; charset=utf-8',
          // A browser asks each time whether there is a newer one.
          CacheControl: 'no-cache',
          Metadata: toMetadata(edition),
        }),
      );
      return true;
    } catch (error) {
      // The last is what S3 answers where the object was removed meanwhile.
      if (['PreconditionFailed', 'NoSuchKey'].includes(nameOf(error)) || isConflict(error)) return false;
      throw s3Failure(`${this.uri} cannot be written`, error);
    }
  }
}
