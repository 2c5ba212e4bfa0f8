import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import type { Cloud } from './cloud.ts';
import type { Deployed } from './pipeline.ts';
import { executions, historyText } from './stateMachine.ts';

/** Where a password could have ended up: a name and the text that is there. */
export type Places = Map<string, string>;

/**
 * Looks for passwords in all that a run has left.
 *
 * @param passwords as they are; a place that holds one encoded for a URL is found too
 * @param known a word that must be found, or the search would prove nothing
 * @returns how much was searched
 * @throws Error with the places that hold one
 */
export function search(places: Places, passwords: readonly string[], known: string): string {
  const forms = passwords.flatMap((password) => [password, encodeURIComponent(password), password.split(':')[1]!]);
  const found = [...places].filter(([, text]) => forms.some((form) => text.includes(form)));
  if (found.length > 0) throw new Error(`a password is in ${found.map(([place]) => place).join(', ')}`);
  const kinds = new Map<string, { places: number; bytes: number; known: boolean }>();
  for (const [place, text] of places) {
    const kind = place.split(' ')[0]!;
    const sum = kinds.get(kind) ?? { places: 0, bytes: 0, known: false };
    kinds.set(kind, {
      places: sum.places + 1,
      bytes: sum.bytes + text.length,
      known: sum.known || text.includes(known),
    });
  }
  for (const [kind, { known: seen }] of kinds) {
    if (!seen) throw new Error(`the search of each ${kind} did not find even "${known}": it searches the wrong thing`);
  }
  return [...kinds].map(([kind, { places, bytes }]) => `${places} × ${kind} (${kilobytes(bytes)})`).join(', ');
}

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000)} kB`;

/** Settings and logs of the functions, each version of the state, the runs' histories and all that Terraform has said. */
export async function collect(cloud: Cloud, stack: Deployed, folder: string): Promise<Places> {
  const places: Places = new Map();
  for (const name of Object.values(stack.function_names)) {
    const settings = await cloud.functions.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    places.set(`settings of ${name}`, JSON.stringify(settings));
  }
  for (const group of Object.values(stack.log_groups)) places.set(`log ${group}`, await logText(cloud, group));
  for (const [name, text] of await versions(cloud, stack.state_bucket)) places.set(`state ${name}`, text);
  if (stack.state_machine_arn !== undefined) {
    for (const execution of await executions(cloud, stack.state_machine_arn)) {
      places.set(`run ${execution.name}`, await historyText(cloud, execution));
    }
  }
  for (const file of await readdir(folder)) {
    // Plans are zip files; what they hold is in the log of `terraform show -json`.
    if (file.endsWith('.log')) places.set(`output ${file}`, await readFile(join(folder, file), 'utf8'));
  }
  return places;
}

async function logText({ logs }: Cloud, logGroupName: string): Promise<string> {
  const lines: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await logs.send(new FilterLogEventsCommand({ logGroupName, nextToken }));
    lines.push(...page.events!.map(({ message }) => message!));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return lines.join('\n');
}

async function versions({ s3 }: Cloud, Bucket: string): Promise<Places> {
  const found: Places = new Map();
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  for (const { Key, VersionId } of Versions) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: Key!, VersionId: VersionId! }));
    found.set(`${Key} ${VersionId}`, await Body!.transformToString());
  }
  return found;
}
