import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const names = ['chromium', 'google-chrome', 'chromium-browser'];

/** The browser to test with: what CHROMIUM names, else the first on the PATH; undefined where there is none. */
export async function findChromium(): Promise<string | undefined> {
  const { CHROMIUM: given, PATH = '' } = process.env;
  const candidates = given
    ? [given]
    : PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  for (const path of candidates) {
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

/** Starts a browser that asks nothing of the network by itself. The caller closes it. */
export const launchChromium = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
    // How its own date fields write a date, where it has that language.
    env: { ...process.env, LANGUAGE: 'en_GB', LC_ALL: 'en_GB.UTF-8' },
  });
