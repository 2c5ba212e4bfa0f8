import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, type TestDatabase } from '../../../../scripts/jest/database.ts';
import { selfSignedCertificate } from '../../test/certificate.ts';
import { ConfigInvalid, SourceRefused } from '../errors.ts';
import { connectPostgres } from './connect.ts';
import { tlsOptions } from './tls.ts';
import { parseDatabaseUrl } from './url.ts';

const { certificate, key } = selfSignedCertificate('localhost');
const other = selfSignedCertificate('localhost').certificate;
let folder: string;
let trusted: string;
let strange: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'totes-tls-'));
  trusted = join(folder, 'trusted.pem');
  strange = join(folder, 'strange.pem');
  await Promise.all([writeFile(trusted, certificate), writeFile(strange, other)]);
});
afterAll(() => rm(folder, { recursive: true }));

const options = (url: string): unknown => tlsOptions(parseDatabaseUrl(url));

describe('without a word about it', () => {
  test.each(['127.0.0.1', '127.1.2.3', 'localhost', '[::1]', '%2Frun%2Fpg'])('%s is not encrypted', (host) => {
    expect(options(`postgres://u@${host}/d`)).toBe(false);
  });

  test.each(['db.example', '10.0.0.7', '128.0.0.1', '127.evil.example', 'localhost.evil.example', '[2001:db8::1]'])(
    '%s is verified',
    (host) => {
      expect(options(`postgres://u@${host}/d`)).toEqual({ rejectUnauthorized: true });
    },
  );

  test('a host given as a parameter decides, and the environment does not', () => {
    process.env.PGHOST = 'db.example';
    process.env.PGSSLMODE = 'disable';
    expect(options('postgres://u@localhost/d?host=db.example')).toEqual({ rejectUnauthorized: true });
    expect(options('postgres:///d')).toBe(false);
    delete process.env.PGHOST;
    delete process.env.PGSSLMODE;
  });
});

test.each([
  ['db.example/d?sslmode=disable', false],
  ['db.example/d?sslmode=no-verify', { rejectUnauthorized: false }],
  ['db.example/d?sslmode=require', { rejectUnauthorized: false }],
  ['db.example/d?sslmode=require&sslrootcert=system', { rejectUnauthorized: false }],
  ['localhost/d?sslmode=verify-full', { rejectUnauthorized: true }],
  ['%2Frun%2Fpg/d?sslmode=verify-full', false],
])('%s', (rest, expected) => {
  expect(options(`postgres://u@${rest}`)).toEqual(expected);
});

test('a root certificate is read, and replaces what Node trusts', () => {
  const full = { ca: certificate, rejectUnauthorized: true };
  const authorityOnly = { ...full, checkServerIdentity: expect.any(Function) as unknown };
  expect(options(`postgres://u@localhost/d?sslrootcert=${trusted}`)).toEqual(full);
  expect(options(`postgres://u@h/d?sslmode=verify-full&sslrootcert=${trusted}`)).toEqual(full);
  expect(options(`postgres://u@h/d?sslmode=verify-ca&sslrootcert=${trusted}`)).toEqual(authorityOnly);
  expect(options(`postgres://u@h/d?sslmode=require&sslrootcert=${trusted}`)).toEqual(authorityOnly);
});

test('a certificate of the client is read', () => {
  expect(options(`postgres://u@h/d?sslcert=${trusted}&sslkey=${strange}`)).toEqual({
    cert: certificate,
    key: other,
    rejectUnauthorized: true,
  });
});

test.each([
  ['sslmode=prefer', 'sslmode=prefer may connect unencrypted; write verify-full, or require to encrypt without'],
  ['sslmode=allow', 'sslmode=allow may connect unencrypted'],
  ['sslmode=verify_full', 'sslmode=verify_full is not a mode; write verify-full'],
  ['sslmode=', 'sslmode= is not a mode'],
  ['sslmode=verify-ca', 'sslmode=verify-ca needs sslrootcert=FILE'],
  ['sslmode=verify-ca&sslrootcert=system', 'sslmode=verify-ca needs sslrootcert=FILE'],
  ['sslrootcert=/no/such/file', 'sslrootcert: ENOENT: no such file or directory'],
  ['ssl=true', 'the parameter ssl is not supported; write sslmode, sslrootcert, sslcert, sslkey'],
  ['sslcrl=x', 'the parameter sslcrl is not supported'],
])('%s is refused', (parameters, words) => {
  expect(() => options(`postgres://u:s3cret@db.example/d?${parameters}`)).toThrow(ConfigInvalid);
  expect(() => options(`postgres://u:s3cret@db.example/d?${parameters}`)).toThrow(
    `postgres://u@db.example:5432/d: ${words}`,
  );
});

describe('a server', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  /** Connects by a URL with another host and these parameters, and says how. */
  async function connect(host: string, parameters: string): Promise<{ ssl: boolean }> {
    const url = `${Object.assign(new URL(database.url), { hostname: host }).href}?${parameters}`;
    const client = await connectPostgres({ url, side: 'source', applicationName: 'test' });
    const { rows } = await client.query<{ ssl: boolean }>('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    await client.end();
    return rows[0]!;
  }

  // An address that reaches this machine and is none of those known to.
  const elsewhere = '0.0.0.0';

  test('that does not speak TLS is not talked to elsewhere, unless told so', async () => {
    const error: unknown = await connect(elsewhere, '').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SourceRefused);
    expect((error as Error).message).toMatch(
      /^source postgres:\/\/postgres@0\.0\.0\.0:\d+\/\w+: The server does not support SSL connections: .*sslmode=disable/,
    );
    expect(await connect(elsewhere, 'sslmode=disable')).toEqual({ ssl: false });
    expect(await connect('127.0.0.1', '')).toEqual({ ssl: false });
  });

  describe('with a certificate of its own making', () => {
    /** Writes a file into the data directory, as the account that runs the server and for it alone. */
    async function writeToServer(name: string, content: string): Promise<void> {
      const lines = content
        .trim()
        .split('\n')
        .map((line) => `('${line}')`);
      await database.query(`COPY (VALUES ${lines.join(', ')}) TO PROGRAM 'umask 077 && cat > ${name}'`);
    }

    async function setTls(change: 'SET ssl = on' | 'RESET ssl', expected: 'on' | 'off'): Promise<void> {
      await database.query(`ALTER SYSTEM ${change}`);
      await database.query('SELECT pg_reload_conf()');
      for (let now = ''; now !== expected;) {
        const client = await database.connect();
        now = (await client.query<{ ssl: string }>('SHOW ssl')).rows[0]!.ssl;
        await client.end();
      }
    }

    beforeAll(async () => {
      await writeToServer('server.crt', certificate);
      await writeToServer('server.key', key);
      await setTls('SET ssl = on', 'on');
    });
    afterAll(() => setTls('RESET ssl', 'off'));

    test.each([
      [elsewhere, ''],
      ['localhost', 'sslmode=verify-full'],
    ])('is refused at %s with "%s": nobody vouches for it', async (host, parameters) => {
      await expect(connect(host, parameters)).rejects.toThrow(SourceRefused);
      await expect(connect(host, parameters)).rejects.toThrow(
        'self-signed certificate: its certificate is not signed by an authority that this machine trusts: ' +
          'give the authority with sslrootcert=FILE',
      );
    });

    test.each(['verify-full', 'verify-ca', 'require'])('is refused by %s with another authority', async (mode) => {
      await expect(connect('localhost', `sslmode=${mode}&sslrootcert=${strange}`)).rejects.toThrow(SourceRefused);
    });

    test.each([
      ['localhost', 'sslmode=verify-full'],
      ['localhost', 'sslmode=verify-ca'],
      ['localhost', ''],
      ['127.0.0.1', 'sslmode=verify-ca'],
      [elsewhere, 'sslmode=require'],
    ])('is accepted at %s with "%s" and its authority', async (host, parameters) => {
      expect(await connect(host, `${parameters}&sslrootcert=${trusted}`)).toEqual({ ssl: true });
    });

    test('is refused under a name that its certificate is not made out to', async () => {
      await expect(connect('127.0.0.1', `sslmode=verify-full&sslrootcert=${trusted}`)).rejects.toThrow(
        "IP: 127.0.0.1 is not in the cert's list",
      );
      await expect(connect(elsewhere, `sslrootcert=${trusted}`)).rejects.toThrow(SourceRefused);
    });

    test.each(['require', 'no-verify'])('is accepted unseen by %s', async (mode) => {
      expect(await connect(elsewhere, `sslmode=${mode}`)).toEqual({ ssl: true });
    });
  });
});
