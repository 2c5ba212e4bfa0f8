import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RatesRefused, RatesUnavailable } from '@totes/core';
import { fetchText } from './fetchText.ts';

const limits = { bytes: 1000, milliseconds: 60_000 };

let server: Server;
let url: string;
let answer: RequestListener;

beforeAll(async () => {
  server = createServer((request, response) => {
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rates.xml`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('what the server has is fetched, compressed or not', async () => {
  answer = (_, response) => response.end('<rates/>é');
  expect(await fetchText(url, limits)).toBe('<rates/>é');
});

test.each([
  [503, RatesUnavailable],
  [429, RatesUnavailable],
  [404, RatesRefused],
  [403, RatesRefused],
])('an answer %d is told, transient or not', async (status, Kind) => {
  answer = (_, response) => response.writeHead(status).end('see here');
  const error: unknown = await fetchText(url, limits).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Kind);
  expect((error as Error).message).toMatch(new RegExp(`^${url} answered ${status} `));
});

test('a server that does not answer in time is tried again another time', async () => {
  answer = () => undefined;
  await expect(fetchText(url, { ...limits, milliseconds: 50 })).rejects.toThrow(`${url} did not answer within 0.05 s`);
});

test('a server that is away, or goes away within its answer, may come back', async () => {
  answer = (_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('<rates', () => response.destroy());
  };
  await expect(fetchText(url, limits)).rejects.toBeInstanceOf(RatesUnavailable);
  await expect(fetchText('http://127.0.0.1:1/', limits)).rejects.toBeInstanceOf(RatesRefused);
  const { port } = server.address() as AddressInfo;
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const freed = (gone.address() as AddressInfo).port;
  await new Promise((resolve) => gone.close(resolve));
  expect(freed).not.toBe(port);
  await expect(fetchText(`http://127.0.0.1:${freed}/`, limits)).rejects.toBeInstanceOf(RatesUnavailable);
});

test('an answer that does not end is not read to its end', async () => {
  answer = (_, response) => {
    const more = (): boolean => response.write('x'.repeat(600));
    response.on('drain', more);
    more();
    more();
  };
  await expect(fetchText(url, limits)).rejects.toThrow(/more than 1000 bytes/);
});

test('a URL with a password is refused without it in the message', async () => {
  const secret = url.replace('://', '://user:hunter2@');
  const error: unknown = await fetchText(secret, limits).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RatesRefused);
  expect(String(error)).not.toContain('hunter2');
});

test('a file is read like an answer', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'totes-rates-'));
  const file = join(folder, 'rates.xml');
  await expect(fetchText(file, limits)).rejects.toThrow(/rates.xml cannot be read: ENOENT/);
  await writeFile(file, '<rates/>');
  expect(await fetchText(file, limits)).toBe('<rates/>');
  await expect(fetchText(file, { ...limits, bytes: 3 })).rejects.toThrow(/more than 3 bytes/);
  await rm(folder, { recursive: true });
});
