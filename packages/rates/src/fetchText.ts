import { readFile, stat } from 'node:fs/promises';
import { isNetworkFault, messageOf, RatesRefused, RatesUnavailable, TotesError } from '@totes/core';

/** The whole history of the ECB has some 8 MB. */
const mostBytes = 64 * 1024 * 1024;
const timeoutMilliseconds = 60_000;

/** Bounds of a fetch; for tests. */
export interface Limits {
  readonly bytes: number;
  readonly milliseconds: number;
}

/**
 * The text at a URL, http or https, or in a file.
 *
 * @throws RatesUnavailable where the server cannot be reached, takes longer than a minute or answers with a passing
 *   fault; RatesRefused for any other answer, a file that cannot be read, and more than 64 MB
 */
export const fetchText = (
  from: string,
  limits: Limits = { bytes: mostBytes, milliseconds: timeoutMilliseconds },
): Promise<string> => (/^https?:\/\//.test(from) ? fetched(from, limits) : read(from, limits));

async function fetched(url: string, { bytes, milliseconds }: Limits): Promise<string> {
  if (/^https?:\/\/[^/?#]*@/.test(url)) {
    throw new RatesRefused('the URL of the exchange rates names a user, which needs no name: leave it out');
  }
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(milliseconds) });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw refusal(response.status, `${url} answered ${response.status} ${response.statusText}`.trimEnd());
    }
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      size += chunk.length;
      if (size > bytes) throw tooLarge(url, bytes);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    throw failureOf(url, milliseconds, error);
  }
}

/** Too many requests, and what the server says of itself, may pass. */
const refusal = (status: number, message: string): TotesError =>
  status === 408 || status === 429 || status >= 500 ? new RatesUnavailable(message) : new RatesRefused(message);

const tooLarge = (from: string, bytes: number): RatesRefused =>
  new RatesRefused(`${from} has more than ${bytes} bytes: no file of exchange rates is so large`);

/** What went wrong with a request, in our words. Node hides the fault of the network in the cause. */
function failureOf(url: string, milliseconds: number, error: unknown): unknown {
  if (error instanceof TotesError || !(error instanceof Error)) return error;
  if (error.name === 'TimeoutError') {
    return new RatesUnavailable(`${url} did not answer within ${milliseconds / 1000} s`, { cause: error });
  }
  const cause = error.cause ?? error;
  const message = `${url} cannot be fetched: ${messageOf(cause)}`;
  const isPassing = isNetworkFault(cause) || (cause instanceof Error && String(codeIn(cause)).startsWith('UND_ERR_'));
  return isPassing ? new RatesUnavailable(message, { cause: error }) : new RatesRefused(message, { cause: error });
}

const codeIn = (error: Error): unknown => ('code' in error ? error.code : undefined);

async function read(file: string, { bytes }: Limits): Promise<string> {
  try {
    if ((await stat(file)).size > bytes) throw tooLarge(file, bytes);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof RatesRefused) throw error;
    throw new RatesRefused(`${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
