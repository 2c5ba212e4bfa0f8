import { mkdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runDemo } from '../../packages/cli/src/demo.ts';
import { stopDetached } from '../../packages/cli/src/local/detachedServer.ts';
import { processTerminal } from '../../packages/cli/src/output.ts';
import { findChromium, launchChromium } from './chromium.ts';

/** Pictures of the demo's dashboard, by the name of their file in docs/images. */
const pictures = [
  { name: 'dashboard.png', width: 1180, height: 1080 },
  { name: 'dashboard-phone.png', width: 390, height: 844 },
];
const mostBytes = 200_000;

const chromium = await findChromium();
if (chromium === undefined) throw new Error('no Chromium or Chrome: install one, or name it with CHROMIUM');
const images = join(import.meta.dirname, '..', '..', 'docs', 'images');
await mkdir(images, { recursive: true });
/** Not where a person's own demo is: that one must stay. */
const folder = join(tmpdir(), `totes-screenshots-${process.pid}`);
const browser = await launchChromium(chromium);
try {
  const { dashboard } = await runDemo({ orders: 10_000, keep: true, folder }, processTerminal());
  for (const { name, width, height } of pictures) {
    const page = await browser.newPage({
      viewport: { width, height },
      reducedMotion: 'reduce',
      colorScheme: 'light',
      locale: 'en-GB',
    });
    await page.goto(pathToFileURL(dashboard).href);
    await page.waitForSelector('html[data-ready]', { state: 'attached' });
    const path = join(images, name);
    await page.screenshot({ path });
    const { size } = await stat(path);
    if (size > mostBytes) throw new Error(`${path} has ${size} bytes, more than ${mostBytes}`);
    console.log(path, size);
  }
} finally {
  await browser.close();
  await stopDetached(join(folder, 'postgres'));
  await rm(folder, { recursive: true, force: true });
}
