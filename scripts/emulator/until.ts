import { setTimeout } from 'node:timers/promises';

/**
 * Asks again and again until there is an answer.
 *
 * @param what is waited for, for the message
 * @param seconds to wait at most
 * @param ask resolves to undefined as long as there is none; an error ends the wait
 * @param why tells, when the time is over, what the last answer lacked
 * @throws Error when the time is over
 */
export async function until<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T | undefined>,
  why: () => unknown = () => undefined,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) {
      throw new Error(`waited ${seconds} s in vain: ${what}`, { cause: why() });
    }
    await setTimeout(250);
  }
}
