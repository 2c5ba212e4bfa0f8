import { writePage } from '../dashboard.ts';
import { distributionLink } from './distributionLink.ts';
import { ReportPage, type Link, type ShownPage } from './reportPage.ts';
import type { Stack } from './stack.ts';

/** What `totes dashboard --stack --json` prints. */
export type LinkResult = Link & ShownPage;

/** What it prints with `--out`. */
export type DownloadResult = ShownPage & {
  /** The file, with its whole path. */
  readonly path: string;
  readonly bytes: number;
};

/**
 * Signs a link to the business report of a stack: to its distribution where a private key is named, else to S3.
 *
 * @param expires how long it should last, in seconds
 * @throws ConfigInvalid, StackUnavailable, StackRefused
 */
export async function linkToReport(
  stack: Stack,
  { expires, key }: { readonly expires: number; readonly key?: string | undefined },
  now: Date,
): Promise<LinkResult> {
  const page = await ReportPage.of(stack);
  // A link to nothing would be found out by whom it was sent to.
  const shown = await page.shown();
  const link = await (key === undefined ? page.link(expires, now) : distributionLink(stack, key, expires, now));
  return { ...link, ...shown };
}

/** Writes the business report of a stack into a folder, as `index.html`. Throws as `linkToReport` does. */
export async function downloadReport(stack: Stack, out: string): Promise<DownloadResult> {
  const page = await ReportPage.of(stack);
  const [shown, html] = await Promise.all([page.shown(), page.read()]);
  return { path: await writePage(out, html), bytes: html.length, ...shown };
}
