import { spawn } from 'node:child_process';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { delimiter, join } from 'node:path';
import { selfSignedCertificate } from '../../packages/core/test/certificate.ts';
import { freePort } from '../../packages/cli/src/local/postgresServer.ts';
import { until } from './until.ts';

/** An AWS to work with: where it answers, and who we are there. */
export interface Endpoint {
  readonly url: string;
  readonly region: string;
  /** Of a person with all rights. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The authority to trust, where it is not one that everybody trusts: a PEM file. */
  readonly authority?: string;
  /** Whether a function's call dies where its setting DIES_IN_SLICE says so. */
  readonly killsCalls: boolean;
  stop(): Promise<void>;
}

const region = 'eu-west-2';
const account = '123456789012';

/**
 * The endpoint of AWS_ENDPOINT_URL with the usual AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_CA_BUNDLE;
 * where that is not set, an emulator that is started here, on the loopback interface and with HTTPS, because the buckets
 * refuse anything else.
 *
 * @param folder for its certificate and log
 * @param python the folder of the Python programs that have MiniStack
 */
export async function openEndpoint(folder: string, python: string | undefined): Promise<Endpoint> {
  const given = process.env.AWS_ENDPOINT_URL;
  if (given !== undefined && given !== '') {
    return {
      url: given,
      region: process.env.AWS_REGION ?? region,
      accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? 'test',
      secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? 'test',
      ...(process.env.AWS_CA_BUNDLE === undefined ? {} : { authority: process.env.AWS_CA_BUNDLE }),
      killsCalls: false,
      stop: () => Promise.resolve(),
    };
  }
  if (python === undefined) throw new Error('the emulator needs Python; see scripts/e2e');
  return startEmulator(folder, python);
}

async function startEmulator(folder: string, python: string): Promise<Endpoint> {
  const port = await freePort();
  const [certificate, key, temporary] = ['certificate.pem', 'key.pem', 'tmp'].map((name) => join(folder, name));
  const pem = selfSignedCertificate('127.0.0.1');
  await writeFile(certificate!, pem.certificate);
  await writeFile(key!, pem.key);
  await mkdir(temporary!);
  const log = await open(join(folder, 'emulator.log'), 'a');
  const child = spawn(join(python, 'python'), [join(import.meta.dirname, 'launch.py')], {
    cwd: folder,
    // A group of its own, so that the functions' processes end with it.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: {
      // Functions run on the first `node` of the path: Lambda's release.
      PATH: [join(import.meta.dirname, '../../node_modules/lambda-node/bin'), process.env.PATH].join(delimiter),
      HOME: folder,
      TMPDIR: temporary,
      AUTH: 'true',
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      MINISTACK_REGION: region,
      MINISTACK_ACCOUNT_ID: account,
      AWS_ACCESS_KEY_ID: 'administrator',
      AWS_SECRET_ACCESS_KEY: 'administrator-secret',
      USE_SSL: '1',
      MINISTACK_SSL_CERT: certificate,
      MINISTACK_SSL_KEY: key,
      // A function's own NODE_EXTRA_CA_CERTS names a file of Lambda's runtime, so Node is told in this way whom to trust.
      NODE_OPTIONS: '--use-openssl-ca',
      SSL_CERT_FILE: certificate,
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      // Waits between retries are a tenth as long.
      SFN_WAIT_SCALE: '0.1',
    },
  });
  await log.close();
  const url = `https://127.0.0.1:${port}`;
  const kill = (): void => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
  };
  process.once('exit', kill);
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    kill();
    if (child.exitCode === null && child.signalCode === null) await ended;
  };
  try {
    await until('the emulator answers', 60, async () => {
      if (child.exitCode !== null) throw new Error(await readFile(join(folder, 'emulator.log'), 'utf8'));
      return answers(`${url}/_ministack/health`, pem.certificate);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    region,
    accessKeyId: 'administrator',
    secretAccessKey: 'administrator-secret',
    authority: certificate!,
    killsCalls: true,
    stop,
  };
}

const answers = (url: string, ca: string): Promise<true | undefined> =>
  new Promise((resolve) => {
    get(url, { ca }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? true : undefined);
    }).on('error', () => {
      resolve(undefined);
    });
  });
