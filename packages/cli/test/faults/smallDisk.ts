import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A file system of its own, in memory, that is full when a test wants it full. */
export interface SmallDisk {
  readonly path: string;
  resize(bytes: number): Promise<void>;
  unmount(): Promise<void>;
}

/** Runs a command of root's: as root, or by sudo where it asks for no password. */
async function asRoot(...command: string[]): Promise<void> {
  const [name, ...args] = process.getuid?.() === 0 ? command : ['sudo', '-n', ...command];
  await promisify(execFile)(name!, args);
}

/** Mounts a disk that belongs to a user. Throws where this process may not mount, or the system has no tmpfs. */
export async function mountDisk(
  bytes: number,
  { uid, gid } = { uid: process.getuid?.(), gid: process.getgid?.() },
): Promise<SmallDisk> {
  const path = await mkdtemp(join(tmpdir(), 'totes-disk-'));
  try {
    await asRoot('mount', '-t', 'tmpfs', '-o', `size=${bytes},uid=${uid},gid=${gid},mode=700`, 'tmpfs', path);
  } catch (error) {
    await rmdir(path);
    throw error;
  }
  return {
    path,
    resize: (size) => asRoot('mount', '-o', `remount,size=${size}`, path),
    async unmount() {
      await asRoot('umount', path);
      await chmod(path, 0o700);
      await rmdir(path);
    },
  };
}

/** Whether this process may mount a disk here. */
export async function canMount(): Promise<boolean> {
  try {
    await (await mountDisk(4096)).unmount();
    return true;
  } catch {
    return false;
  }
}
