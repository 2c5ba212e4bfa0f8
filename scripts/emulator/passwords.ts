import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import type { Alert } from './alerts.ts';
import type { Cloud } from './cloud.ts';
import { logLines } from './logs.ts';
import type { Stack } from './pipeline.ts';
import { executions, historyText } from './stateMachine.ts';

/** Where a password could have ended up: a name and the text that is there. */
export type Places = Map<string, string>;

/**
 * Looks for passwords in all that a run has left.
 *
 * @param passwords as they are; a place that holds one encoded for a URL is found too
 * @param kinds the first words of the places that there must be
 * @param known a word that must be found in each kind, or the search would prove nothing
 * @returns how much was searched
 * @throws Error with the places that hold one, and where there was too little to search
 */
export function search(places: Places, passwords: readonly string[], kinds: readonly string[], known: string): string {
  const forms = passwords.flatMap((password) => [password, encodeURIComponent(password), password.split(':')[1]!]);
  const found = [...places].filter(([, text]) => forms.some((form) => text.includes(form)));
  if (found.length > 0) throw new Error(`a password is in ${found.map(([place]) => place).join(', ')}`);
  return kinds
    .map((kind) => {
      const texts = [...places].filter(([place]) => place.startsWith(`${kind} `));
      const empty = texts.filter(([, text]) => text === '').map(([place]) => place);
      if (empty.length > 0) throw new Error(`nothing to search in ${empty.join(', ')}`);
      if (!texts.some(([, text]) => text.includes(known))) {
        throw new Error(
          `${texts.length} places of the kind ${kind} without even "${known}": the wrong thing was searched`,
        );
      }
      return `${texts.length} × ${kind} (${kilobytes(texts.reduce((sum, [, text]) => sum + text.length, 0))})`;
    })
    .join(', ');
}

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000)} kB`;

/** Settings and logs of the functions, each version of the states, the runs' histories, alerts, and all that Terraform and totes printed. */
export async function collect(cloud: Cloud, stack: Stack, folder: string, alerts: readonly Alert[]): Promise<Places> {
  const places: Places = new Map();
  for (const name of Object.values(stack.function_names)) {
    const settings = await cloud.functions.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    places.set(`settings of ${name}`, JSON.stringify(settings));
  }
  for (const group of Object.values(stack.log_groups))
    places.set(`log ${group}`, (await logLines(cloud, group)).join('\n'));
  for (const [name, text] of await versions(cloud, stack.state_bucket)) places.set(`state ${name}`, text);
  if (stack.state_machine_arn !== undefined) {
    for (const execution of await executions(cloud, stack.state_machine_arn)) {
      places.set(`run ${execution.name}`, await historyText(cloud, execution));
    }
  }
  for (const [index, { subject, text }] of alerts.entries()) places.set(`alert ${index}`, `${subject}\n${text}`);
  for (const file of await readdir(folder)) {
    // Plans are zip files; what they hold is in the log of `terraform show -json`.
    if (file.endsWith('.log')) places.set(`output ${file}`, await readFile(join(folder, file), 'utf8'));
  }
  return places;
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
