import { CreateTopicCommand, DeleteTopicCommand } from '@aws-sdk/client-sns';
import type { Cloud } from './cloud.ts';
import type { Stack } from './pipeline.ts';
import { asAdministrator, probe } from './probeFunction.ts';
import { functionNames } from '../../packages/cli/src/stack/stack.ts';
import { rightsOf, type Right } from './rights.ts';

/**
 * Whether an answer means that the request was let in. An object that is there already may not be replaced, and only who
 * may write is told so.
 *
 * @param outcome "allowed" or the name of an error
 * @returns undefined for an error that says neither
 */
export function wasAllowed(outcome: string): boolean | undefined {
  if (/^(allowed|PreconditionFailed)$/.test(outcome)) return true;
  if (/^(AccessDenied|AuthorizationError)(Exception)?$/.test(outcome)) return false;
  return undefined;
}

/**
 * Tries what a function may and may not do with each function's role, from another that runs with it.
 *
 * @returns how many requests were allowed and denied, as they should be
 * @throws Error with each one that was not
 */
export async function tryPrivileges(cloud: Cloud, stack: Stack): Promise<string> {
  return withTopic(cloud, async (topic) => {
    const rights = await rightsOf(cloud, stack, topic);
    const wrong: string[] = [];
    let [allowed, denied] = [0, 0];
    for (const name of functionNames) {
      const outcomes = await probe(cloud, `probe-${name}`, stack.role_arns[name], requestsOf(rights));
      for (const [index, { what, allowed: who }] of rights.entries()) {
        const may = who.includes(name);
        if (wasAllowed(outcomes[index]!) !== may) {
          wrong.push(`${name} ${may ? 'must' : 'must not'} ${what}: ${outcomes[index]}`);
        } else if (may) allowed++;
        else denied++;
      }
    }
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    return `${rights.length} requests by ${functionNames.length} roles, ${allowed} allowed and ${denied} denied, each as it should be`;
  });
}

/**
 * Makes the same requests with all rights: what the functions were denied would have worked, so it was their rights that
 * stopped them. Destroys the lake.
 *
 * @returns how many requests worked, and how many the buckets deny to everybody
 * @throws Error with each one that answered otherwise
 */
export async function tryWithAllRights(cloud: Cloud, stack: Stack): Promise<string> {
  return withTopic(cloud, async (topic) => {
    const rights = (await rightsOf(cloud, stack, topic)).filter(({ control }) => control !== 'left out');
    const outcomes = await asAdministrator(cloud, (role) =>
      probe(cloud, 'probe-administrator', role, requestsOf(rights)),
    );
    const wrong = rights.flatMap(({ what, control }, index) =>
      wasAllowed(outcomes[index]!) === (control === 'works') ? [] : `${what}: ${outcomes[index]}, expected: ${control}`,
    );
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    const denied = rights.filter(({ control }) => control === 'denied').length;
    return `${rights.length - denied} requests worked; ${denied} that would replace an object are denied to everybody`;
  });
}

const requestsOf = (rights: readonly Right[]): Right['request'][] => rights.map(({ request }) => request);

/** Works with a topic that is not the pipeline's. */
async function withTopic<T>({ topics }: Cloud, work: (topic: string) => Promise<T>): Promise<T> {
  const { TopicArn } = await topics.send(new CreateTopicCommand({ Name: 'elsewhere' }));
  try {
    return await work(TopicArn!);
  } finally {
    await topics.send(new DeleteTopicCommand({ TopicArn: TopicArn! }));
  }
}
