import { readFile } from 'node:fs/promises';
import { ConfigInvalid, messageOf } from '@totes/core';
import { fromCallersFolder } from '../callersFolder.ts';
import type { Link } from './reportPage.ts';
import type { Stack } from './stack.ts';

/**
 * Signs a link to the page on the stack's distribution. No request is made, and it ends when it says.
 *
 * @param key the file of the private key, PEM; relative to where the command was called
 * @param seconds how long it lasts, from now on
 * @throws ConfigInvalid where the stack has no distribution, or the file holds no private key
 */
export async function distributionLink(stack: Stack, key: string, seconds: number, now: Date): Promise<Link> {
  const { distribution } = stack;
  if (distribution === undefined) {
    throw new ConfigInvalid(
      `--key signs links to a CloudFront distribution, and stack ${stack.name} has none: ` +
        'set report_cloudfront and apply, or leave --key out for a link to S3',
    );
  }
  const privateKey = await readFile(fromCallersFolder(key), 'utf8').catch((error: unknown) => {
    throw new ConfigInvalid(`--key ${key} cannot be read: ${messageOf(error)}`);
  });
  // CloudFront counts whole seconds.
  const expires = new Date((Math.floor(now.getTime() / 1000) + seconds) * 1000);
  const { getSignedUrl } = await import('@aws-sdk/cloudfront-signer');
  const { url, keyPairId } = distribution;
  try {
    return {
      url: getSignedUrl({ url, keyPairId, privateKey, dateLessThan: expires, algorithm: 'SHA256' }),
      expires: expires.toISOString(),
      mayEndSooner: false,
    };
  } catch (error) {
    throw new ConfigInvalid(`--key ${key} is no private key in PEM without a passphrase: ${messageOf(error)}`);
  }
}
