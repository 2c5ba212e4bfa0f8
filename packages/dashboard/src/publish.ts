import { CommitConflict, isRedshift } from '@totes/core';
import type { Client } from 'pg';
import type { ClientBundle } from './bundle.ts';
import { isLater, replaces, type Edition } from './edition.ts';
import { newestLoad } from './newestLoad.ts';
import { page as pageOf } from './page.ts';
import type { Published, PublishedPage } from './publishedPage.ts';
import { readReport } from './report.ts';

export interface PublishInput {
  readonly warehouse: Client;
  readonly schema: string;
  readonly page: PublishedPage;
  /** The release that makes the page. */
  readonly codeVersion: string;
  readonly bundleClient: () => Promise<ClientBundle>;
  readonly now: () => Date;
}

/** What the function answers. */
export interface PublishResult {
  /** Whether this call wrote a page. */
  readonly written: boolean;
  /** The version of the lake that the page shows; 0 where nothing was ever loaded, and there is no page for that reason. */
  readonly version: number;
  /** Of the page that was written. */
  readonly bytes?: number;
  /** Why there is never one, where the warehouse is of a kind that none is made for. */
  readonly because?: string;
}

/** Each look again means that another writer was at work meanwhile; more than a few are not there. */
const mostLooks = 5;

/**
 * Brings the page up to the warehouse. A call is only a hint: where the warehouse has nothing newer, and this release made
 * the page, nothing is written; nor is it from Redshift, which is no failure of a run. Never takes a page of an older state the place of one of a newer.
 *
 * @throws CommitConflict where other writers kept coming first; what `readReport`, `newestLoad` and the page throw
 */
export async function publish(input: PublishInput): Promise<PublishResult> {
  const { warehouse, schema, page, codeVersion, bundleClient, now } = input;
  if (isRedshift(warehouse)) return { written: false, version: 0, because: 'the report is made for PostgreSQL' };
  // Before the warehouse is read: whatever is written from now on is noticed.
  const seen = await page.look();
  const load = await newestLoad(warehouse, schema);
  if (load === undefined) return { written: false, version: 0 };
  const wanted = { ...load, codeVersion };
  if (seen?.edition && !replaces(wanted, seen.edition)) return { written: false, version: seen.edition.version };

  const [report, client] = await Promise.all([readReport(warehouse, { schema, now }), bundleClient()]);
  // Of the very snapshot that the figures are from, which may be of a later load.
  const shown = report.loads[0];
  if (shown === undefined) return { written: false, version: 0 };
  const edition = { version: Number(shown.version), loaded: shown.loaded, codeVersion };
  return write(page, seen, edition, Buffer.from(pageOf(report, client)));
}

async function write(
  page: PublishedPage,
  first: Published | undefined,
  edition: Edition,
  html: Uint8Array,
): Promise<PublishResult> {
  let seen = first;
  for (let look = 1; look <= mostLooks; look++) {
    if (await page.replace(seen, edition, html)) return { written: true, version: edition.version, bytes: html.length };
    seen = await page.look();
    // Another release made a page of the same state meanwhile, or this one, by a write whose answer was lost.
    if (seen?.edition && !isLater(edition, seen.edition)) return { written: false, version: seen.edition.version };
  }
  throw new CommitConflict(`${page.uri} was replaced by others ${mostLooks} times: call again`);
}
