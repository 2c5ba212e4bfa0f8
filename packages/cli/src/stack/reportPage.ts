import type * as Sdk from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { ConfigInvalid, nameOf } from '@totes/core';
import { fromMetadata, pageKey } from '@totes/dashboard';
import { shellWord } from '../shell.ts';
import { request, requestLimits } from './errors.ts';
import type { Stack } from './stack.ts';

/** What a page shows. Times are ISO 8601, UTC. */
export interface ShownPage {
  /** The version of the lake that was loaded last before it was written; null where the object does not say. */
  readonly version: number | null;
  readonly loadedAt: string | null;
  readonly writtenAt: string;
}

/** A link that opens the page for whoever has it. */
export interface Link {
  readonly url: string;
  /** When it ends at the latest. ISO 8601, UTC. */
  readonly expires: string;
  /** Whether it ends before that with the session of the temporary credentials that signed it, whose end they do not tell. */
  readonly mayEndSooner: boolean;
}

/** The business report of a stack, as its function has written it into the stack's bucket. */
export class ReportPage {
  readonly #sdk: typeof Sdk;
  readonly #client: S3Client;
  readonly #stack: Stack;

  private constructor(sdk: typeof Sdk, stack: Stack) {
    this.#sdk = sdk;
    this.#client = new sdk.S3Client({
      region: stack.region,
      ...requestLimits(),
      // A link would ask for a checksum that no browser looks at.
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    this.#stack = stack;
  }

  static async of(stack: Stack): Promise<ReportPage> {
    return new ReportPage(await import('@aws-sdk/client-s3'), stack);
  }

  /** What the page shows. Throws ConfigInvalid where there is none yet; StackUnavailable, StackRefused. */
  async shown(): Promise<ShownPage> {
    const { Metadata, LastModified } = await this.#ask(() =>
      this.#client.send(new this.#sdk.HeadObjectCommand(this.#at)),
    );
    const edition = fromMetadata(Metadata);
    return {
      version: edition?.version ?? null,
      loadedAt: edition === undefined ? null : `${edition.loaded.replace(' ', 'T')}Z`,
      writtenAt: LastModified!.toISOString(),
    };
  }

  /** The page itself. Throws as `shown` does. */
  read(): Promise<Uint8Array> {
    return this.#ask(async () => {
      const { Body } = await this.#client.send(new this.#sdk.GetObjectCommand(this.#at));
      return Body!.transformToByteArray();
    });
  }

  /**
   * Signs a link to the object with the credentials that AWS's tools find here. S3 honours it as long as they last, and a
   * week at most.
   *
   * @param seconds how long it should last, from now on
   */
  async link(seconds: number, now: Date): Promise<Link> {
    const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
    const command = new this.#sdk.GetObjectCommand(this.#at);
    return request(`no link to ${this.#uri} can be signed`, async () => {
      const { expiration, sessionToken } = await this.#client.config.credentials();
      const asked = now.getTime() + seconds * 1000;
      return {
        url: await getSignedUrl(this.#client, command, { expiresIn: seconds, signingDate: now }),
        expires: new Date(Math.min(asked, expiration?.getTime() ?? Infinity)).toISOString(),
        mayEndSooner: sessionToken !== undefined && expiration === undefined,
      };
    });
  }

  get #at(): { Bucket: string; Key: string } {
    return { Bucket: this.#stack.reportBucket, Key: pageKey };
  }

  get #uri(): string {
    return `s3://${this.#stack.reportBucket}/${pageKey}`;
  }

  async #ask<T extends object>(work: () => Promise<T>): Promise<T> {
    const found = await request(
      `${this.#uri} cannot be read, which takes s3:ListBucket, s3:GetObject and kms:Decrypt`,
      () =>
        work().catch((error: unknown) => {
          if (['NotFound', 'NoSuchKey'].includes(nameOf(error))) return undefined;
          throw error;
        }),
    );
    return found ?? this.#refuseNoPage();
  }

  #refuseNoPage(): never {
    const stack = `--stack ${shellWord(this.#stack.place)}`;
    throw new ConfigInvalid(
      `stack ${this.#stack.name} has no business report yet: it is written after the first load. ` +
        `Run \`totes run ${stack} --watch\`; if there is none then, \`totes logs ${stack} --stage report\` says why`,
    );
  }
}
