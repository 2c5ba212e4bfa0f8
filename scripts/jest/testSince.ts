import { test } from '@jest/globals';

/** A test of what PostgreSQL has since the release given, such as 18; skipped on a server that is older. */
export function testSince(release: number, name: string, body: () => Promise<void>): void {
  const server = parseInt(process.env.TOTES_TEST_RELEASE ?? '');
  if (Number.isNaN(server)) throw new Error('no PostgreSQL: tests that need one run under Jest, which starts it');
  if (server >= release) test(name, body);
  else test.skip(`${name} (needs PostgreSQL ${release})`, body);
}
