import fc from 'fast-check';
import { ConfigInvalid } from '../errors.ts';
import { parseDatabaseUrl, redactUrl } from './url.ts';

test.each([
  ['postgres://shop:secret@db.example:6432/totesys', 'postgres://shop@db.example:6432/totesys'],
  ['postgresql://shop:secret@db.example/totesys', 'postgres://shop@db.example:5432/totesys'],
  [
    'postgres://shop:s%2Fe%40c%3Fr%23e%3At@db.example/totesys?sslmode=require',
    'postgres://shop@db.example:5432/totesys',
  ],
  ['postgres://shop@db.example/totesys?password=secret', 'postgres://shop@db.example:5432/totesys'],
  ['postgres://db.example', 'postgres://db.example:5432/'],
  ['postgres://[::1]:5433/totesys', 'postgres://[::1]:5433/totesys'],
  ['postgres:///totesys', 'postgres://localhost:5432/totesys'],
  ['postgres://shop:secret@/totesys', 'postgres://shop@localhost:5432/totesys'],
  ['postgres://shop:secret@/totesys?host=/run/pg', 'postgres://shop@/totesys?host=/run/pg&port=5432'],
  ['postgres://shop:secret@%2Frun%2Fpg:5433/totesys', 'postgres://shop@/totesys?host=/run/pg&port=5433'],
  ['postgres://o%27neill@h/tote%20shop', "postgres://o'neill@h:5432/tote shop"],
])('%s is written as %s', (url, written) => {
  expect(redactUrl(url)).toBe(written);
});

test('the driver gets what the URL says', () => {
  const { host, port, connectTimeout, tls, config } = parseDatabaseUrl(
    'postgres://sh%20op:s%3Aecret@db.example:6432/tote%20sys?connect_timeout=3&sslmode=verify-ca&sslrootcert=/ca.pem&options=-c%20x.y%3D1',
  );
  expect({ host, port, connectTimeout }).toEqual({ host: 'db.example', port: 6432, connectTimeout: 3 });
  expect([...tls]).toEqual([
    ['sslmode', 'verify-ca'],
    ['sslrootcert', '/ca.pem'],
  ]);
  expect(config).toMatchObject({
    user: 'sh op',
    password: 's:ecret',
    host: 'db.example',
    port: 6432,
    database: 'tote sys',
    options: '-c x.y=1',
  });
  expect(config).not.toHaveProperty('ssl');
});

test('any password passes through, and into no message', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (password) => {
      const { config, where } = parseDatabaseUrl(`postgres://shop:${encodeURIComponent(password)}@db.example/totesys`);
      expect(config.password).toBe(password);
      expect(where).toBe('postgres://shop@db.example:5432/totesys');
    }),
    { seed: 3 },
  );
});

test.each([
  '',
  's3cret',
  'mysql://shop:s3cret@db/totesys',
  'postgres:s3cret@db/totesys',
  'postgres://shop:s3cret@db:port/totesys',
  'postgres://shop:s3cret@db:99999/totesys',
  'postgres://shop:%E0%A4s3cret@db/totesys',
  'postgres://shop:s3cret@db/%E0%A4',
  'postgres://shop:12/s3cret@db/totesys',
  'postgres://shop:12#s3cret@db/totesys',
  'postgres://shop:12?s3cret@db/totesys',
  'postgres://shop:s3cret@db/totesys?a?b',
  'postgres://shop:s3cret@db/totesys?connect_timeout=soon',
  'postgres://shop:s3cret@db/totesys?connect_timeout=0',
])('%j is refused without a word of it', (url) => {
  let message = '';
  try {
    parseDatabaseUrl(url, 'source');
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigInvalid);
    expect((error as Error).cause).toBeUndefined();
    message = (error as Error).message;
  }
  expect(message).toContain('source URL');
  expect(message).not.toContain('s3cret');
  expect(message).not.toContain('12');
});
