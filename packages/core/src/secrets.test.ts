import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigInvalid, SecretUnavailable } from './errors.ts';
import { databaseUrl } from './secrets.ts';

const arn = 'arn:aws:secretsmanager:eu-west-2:123456789012:secret:totesys-AbCdEf';
const kept = { ...process.env };
let reply: { status: number; body: object } | 'cut';
let asked: { id: string; region: string }[];

/** Answers as Secrets Manager does: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
const server = createServer((request, response) => {
  void request.toArray().then((chunks) => {
    const { SecretId } = JSON.parse(Buffer.concat(chunks as Buffer[]).toString()) as { SecretId: string };
    const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
    asked.push({ id: SecretId, region });
    if (reply === 'cut') return request.socket.destroy();
    return response
      .writeHead(reply.status, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify(reply.body));
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_MAX_ATTEMPTS: '2',
  });
});
afterAll(async () => {
  process.env = kept;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  asked = [];
});

const holds = (secret: unknown): void => {
  reply = { status: 200, body: { SecretString: typeof secret === 'string' ? secret : JSON.stringify(secret) } };
};

async function errorOf(setting: string): Promise<Error> {
  const error: unknown = await databaseUrl(setting).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).not.toMatch(/\n|s3cret/);
  return error as Error;
}

test('a URL stands for itself', async () => {
  expect(await databaseUrl('postgres://shop:s3cret@db/totesys')).toBe('postgres://shop:s3cret@db/totesys');
  expect(await databaseUrl(' postgresql://db/totesys\n')).toBe('postgresql://db/totesys');
  expect(asked).toEqual([]);
});

test('a secret that holds a URL', async () => {
  holds('postgres://shop:s3cret@db/totesys?sslmode=verify-full\n');
  expect(await databaseUrl('secret:totesys/source')).toBe('postgres://shop:s3cret@db/totesys?sslmode=verify-full');
  expect(asked).toEqual([{ id: 'totesys/source', region: 'us-east-1' }]);
});

test('a secret as AWS writes it for a database, from the region of its ARN', async () => {
  holds({ engine: 'postgres', username: 'shop', password: 's3c/r@t:', host: 'db', port: 6432, dbname: 'tote sys' });
  expect(await databaseUrl(arn)).toBe('postgres://shop:s3c%2Fr%40t%3A@db:6432/tote%20sys');
  expect(asked).toEqual([{ id: arn, region: 'eu-west-2' }]);
  holds({ username: 'shop', password: 's3cret', host: 'db', dbname: 'totesys' });
  expect(await databaseUrl(arn)).toBe('postgres://shop:s3cret@db:5432/totesys');
});

test.each([
  ['s3cret', 'must be a postgres:// URL or JSON with username, password, host and dbname'],
  ['"s3cret"', 'must be a postgres:// URL or JSON'],
  ['', 'must be a postgres:// URL or JSON'],
  [{ username: 'shop', password: 's3cret' }, 'has no host, no dbname'],
  [{ username: 'shop', password: { a: 's3cret' }, host: 'db', dbname: 'd' }, 'has no password'],
])('a secret that holds %j is refused without a word of it', async (secret, words) => {
  holds(secret);
  const error = await errorOf(arn);
  expect(error).toBeInstanceOf(ConfigInvalid);
  expect(error.message).toContain(`secret ${arn} ${words}`);
});

test('a binary secret is refused', async () => {
  reply = { status: 200, body: { SecretBinary: 'czNjcmV0' } };
  expect(await errorOf(arn)).toBeInstanceOf(ConfigInvalid);
});

test.each([
  ['ResourceNotFoundException', "Secrets Manager can't find the specified secret."],
  ['AccessDeniedException', 'not authorized to perform: secretsmanager:GetSecretValue'],
  ['DecryptionFailure', 'the key is disabled'],
])('%s is a setting to mend', async (name, message) => {
  reply = { status: 400, body: { __type: name, message } };
  const error = await errorOf('secret:totesys');
  expect(error).toEqual(new ConfigInvalid(`secret totesys cannot be read: ${name}: ${message}`));
});

test.each([
  { status: 500, body: { __type: 'InternalServiceError', message: 'again, please' } },
  { status: 400, body: { __type: 'ThrottlingException', message: 'Rate exceeded' } },
  'cut' as const,
])('%j may pass', async (answer) => {
  reply = answer;
  expect(await errorOf('secret:totesys')).toBeInstanceOf(SecretUnavailable);
  expect(asked).toHaveLength(2);
});

test.each(['', 's3cret', 'secret:', 'mysql://u:s3cret@db/d', 'arn:aws:s3:::s3cret', 'arn:aws:secretsmanager:x'])(
  '%j is no database, and not repeated',
  async (setting) => {
    const error = await errorOf(setting);
    expect(error).toBeInstanceOf(ConfigInvalid);
    expect(error.message).toBe(
      'a database must be a postgres:// URL, the ARN of a Secrets Manager secret or secret:NAME',
    );
  },
);
