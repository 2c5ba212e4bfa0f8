import { LakeRefused } from '../errors.ts';

/**
 * Checks that a key means the same in a bucket and in a folder: names apart by "/", none of them empty, "." or "..",
 * and none in `.tmp`, where the folder store keeps what is not finished. Gives the key back.
 *
 * @throws LakeRefused
 */
export function checkedKey(uri: string, key: string): string {
  const names = key.split('/');
  const sound = names[0] !== '.tmp' && names.every((name) => name !== '' && name !== '.' && name !== '..');
  if (sound && !key.includes('\0')) return key;
  throw new LakeRefused(
    `${uri}: ${JSON.stringify(key)} is not a key of the lake: names apart by "/", none empty, "." or ".."`,
  );
}

/** Checks the folder part of a prefix like a key, and gives the prefix back. Throws LakeRefused. */
export function checkedPrefix(uri: string, prefix: string): string {
  if (prefix.includes('/')) checkedKey(uri, folderOf(prefix));
  return prefix;
}

/** What stands before the last "/" of a key or prefix; empty where there is none. */
export const folderOf = (key: string): string => key.slice(0, Math.max(0, key.lastIndexOf('/')));

/** Whether a key sorts after another, by the bytes of their UTF-8, as S3 sorts. */
export const compareKeys = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
