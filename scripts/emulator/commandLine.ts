import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Endpoint } from './endpoint.ts';

const program = join(import.meta.dirname, '../../packages/cli/src/main.ts');

/** Runs a command of `totes` with --json, as a person with all rights on this machine, and gives its object. */
export async function totes<Result>(endpoint: Endpoint, ...command: readonly string[]): Promise<Result> {
  const env = {
    PATH: process.env.PATH,
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_REGION: endpoint.region,
    AWS_ACCESS_KEY_ID: endpoint.accessKeyId,
    AWS_SECRET_ACCESS_KEY: endpoint.secretAccessKey,
    NODE_EXTRA_CA_CERTS: endpoint.authority,
  };
  const options = ['--disable-warning=ExperimentalWarning', program, ...command, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, options, { env });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Result;
}
