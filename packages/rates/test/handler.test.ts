import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigInvalid, FolderStore, ratesLog, RatesUnavailable } from '@totes/core';
import { logOf, logOfFailure } from '../../../scripts/jest/functionLog.ts';
import { runRates } from '../src/container.ts';
import { handler } from '../src/handler.ts';
import { ecbFile } from './ecbFile.ts';

let folder: string;
let server: Server;
let isAway: boolean;
const before = { ...process.env };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'totes-rates-'));
  isAway = false;
  server = createServer((_, response) => {
    response.writeHead(isAway ? 503 : 200).end(ecbFile({ time: '2026-11-20', rates: { USD: '1.0562' } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const RATES_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  process.env = { ...before, RAW_BUCKET: folder, RATES_URL, CODE_VERSION: '0123abc' };
});
afterEach(async () => {
  process.env = { ...before };
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

test('the function appends what its settings name, and tells of it', async () => {
  const { result, lines, metrics } = await logOf(() => handler({ run: 'daily-1' }));
  expect(result).toMatchObject({ version: 1, committed: true, rates: 1 });
  expect(lines).toMatchObject([{ level: 'INFO', message: 'rates finished', run: 'daily-1', version: 1, rates: 1 }]);
  expect(metrics).toMatchObject({ RatesAppended: 1, Warnings: 0 });
  const entry = await ratesLog(new FolderStore(folder)).read(1);
  expect(entry).toMatchObject({ codeVersion: '0123abc', runId: expect.stringMatching(/^daily-1[.]/) as string });
});

test('a server that is away fails the call, as an error that may pass', async () => {
  isAway = true;
  const { error, lines } = await logOfFailure(() => handler({}));
  expect(error).toBeInstanceOf(RatesUnavailable);
  expect(lines).toMatchObject([{ level: 'WARN', message: 'rates failed', transient: true }]);
});

test('a function without its settings says which', async () => {
  await expect(runRates({})).rejects.toThrow(new ConfigInvalid('bad settings: RAW_BUCKET is not set'));
});
