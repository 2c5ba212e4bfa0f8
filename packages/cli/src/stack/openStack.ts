import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { ConfigInvalid, messageOf } from '@totes/core';
import { fromCallersFolder } from '../callersFolder.ts';
import { parseStack, type Stack } from './stack.ts';

/**
 * Opens a deployed pipeline. From then on this process works in its region: the clients of the lake and of secrets find
 * that in the environment.
 *
 * @param place a folder in which `terraform output -json` works, or a file that holds what it printed; relative to where
 *   the command was called
 * @throws ConfigInvalid
 */
export async function openStack(place: string): Promise<Stack> {
  const path = fromCallersFolder(place);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => {
      throw new ConfigInvalid(`--stack ${place}: there is no such file or folder`);
    },
  );
  const stack = parseStack(place, isFolder ? await terraformOutputs(place, path) : await readText(place, path));
  process.env.AWS_REGION = stack.region;
  return stack;
}

async function readText(place: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigInvalid(`--stack ${place} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

async function terraformOutputs(place: string, folder: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('terraform', [`-chdir=${folder}`, 'output', '-json', '-no-color'], {
      env: process.env,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const { code, stderr = '' } = error as { code?: string | number; stderr?: string };
    if (code === 'ENOENT') {
      throw new ConfigInvalid(
        `--stack ${place} is a folder, and there is no terraform on the PATH to ask: install it, or name a file with what \`terraform output -json\` printed`,
      );
    }
    throw new ConfigInvalid(`--stack ${place}: \`terraform output -json\` failed: ${oneLine(stderr)}`);
  }
}

/** Terraform frames its errors. */
const oneLine = (text: string): string => text.replace(/[│╷╵]/g, ' ').replace(/\s+/g, ' ').trim() || 'it said nothing';
