import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigInvalid, messageOf } from '@totes/core';
import { bundleClient, page, readReport, type Report } from '@totes/dashboard';
import { fromCallersFolder } from './callersFolder.ts';
import { using } from './pipeline.ts';

export interface DashboardInput {
  readonly warehouse: string;
  readonly schema: string;
  /** The folder for the page; it is made where it is not there. */
  readonly out: string;
}

/** What `totes dashboard --json` prints. */
export interface DashboardResult {
  /** The file, with its whole path. */
  readonly path: string;
  readonly bytes: number;
  /** Sales and purchase orders that the page counts. */
  readonly orders: number;
  readonly seconds: number;
}

const fileName = 'index.html';

/**
 * Writes the business report into a folder, as `index.html`, in place of an earlier one.
 *
 * @throws ConfigInvalid where the folder cannot be written; what `readReport` throws
 */
export async function writeDashboard({ warehouse, schema, out }: DashboardInput): Promise<DashboardResult> {
  const started = performance.now();
  const [report, client] = await Promise.all([
    using('warehouse', warehouse, (connected) => readReport(connected, { schema, now: () => new Date() })),
    bundleClient(),
  ]);
  const html = Buffer.from(page(report, client));
  const path = await writePage(out, html);
  const orders = ordersOf(report);
  return { path, bytes: html.length, orders, seconds: Math.round(performance.now() - started) / 1000 };
}

const ordersOf = ({ cubes: { sales_by_day, purchases_by_day } }: Report): number =>
  [sales_by_day, purchases_by_day]
    .flatMap(({ measures }) => measures.orders!)
    .reduce<number>((all, each) => all + Number(each), 0);

/**
 * Writes a page into a folder, as `index.html`, in place of an earlier one, and gives its whole path.
 *
 * @param out the folder, relative to where the command was called; it is made where it is not there
 * @throws ConfigInvalid where it cannot be written
 */
export async function writePage(out: string, html: Uint8Array): Promise<string> {
  const folder = fromCallersFolder(out);
  const path = join(folder, fileName);
  await replaceFile(folder, path, html);
  return path;
}

/** Whoever has the old page open, or opens it meanwhile, never sees half of the new one. */
async function replaceFile(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  const half = join(folder, `.${fileName}.${process.pid}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(half, bytes);
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true }).catch(() => undefined);
    throw new ConfigInvalid(`--out: ${folder} cannot be written: ${messageOf(error)}: choose another folder`);
  }
}
