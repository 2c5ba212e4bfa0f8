import { sha256 } from './sha256.ts';

/** How a sealed document ends: with the SHA-256 of all bytes before these. */
const seal = /,\n {2}"sha256": "([0-9a-f]{64})"\n}\n$/;
const sealBytes = `,\n  "sha256": "${'0'.repeat(64)}"\n}\n`.length;

/**
 * An object as JSON with its own checksum as the last property, `sha256`. Nothing else vouches for a manifest: a digit
 * of a snapshot that went over on a disk would still be JSON, and rows would be missed.
 *
 * @param value has at least one property, and none of that name
 */
export function sealed(value: object): Buffer {
  const content = Buffer.from(JSON.stringify(value, null, 2).slice(0, -'\n}'.length));
  return Buffer.concat([content, Buffer.from(`,\n  "sha256": "${sha256(content)}"\n}\n`)]);
}

/** Whether a document is as it was sealed; undefined where it has no seal. */
export function isIntact(document: Uint8Array): boolean | undefined {
  const at = Math.max(0, document.length - sealBytes);
  const digest = seal.exec(Buffer.from(document.subarray(at)).toString('latin1'))?.[1];
  return digest === undefined ? undefined : digest === sha256(document.subarray(0, at));
}
