import { inspect } from 'node:util';
import pg from 'pg';
import { createDatabase, type TestDatabase } from '../../../../scripts/jest/database.ts';
import {
  LakeCorrupt,
  SourceRefused,
  SourceUnavailable,
  WarehouseRefused,
  WarehouseUnavailable,
  type TotesError,
} from '../errors.ts';
import { failure } from './failure.ts';

const where = 'postgres://shop@db.example:5432/totesys';
let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
  await database.query(`
    CREATE TABLE orders (id int PRIMARY KEY, units int NOT NULL CHECK (units > 0), code varchar(3));
    INSERT INTO orders VALUES (1, 2, 'abc');
  `);
});
afterAll(() => database.drop());

/** The failure that a statement brings on a real server. */
async function failureOf(sql: string): Promise<TotesError> {
  const error: unknown = await database.query(sql).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(pg.DatabaseError);
  return failure('warehouse', where, error);
}

test.each([
  ['SELECT * FROM nowhere', 'relation "nowhere" does not exist'],
  ['SELECT colour FROM orders', 'column "colour" does not exist'],
  ["INSERT INTO orders VALUES (1, 71077345, 'xyz')", 'duplicate key value violates unique constraint "orders_pkey"'],
  ["INSERT INTO orders VALUES (71077345, NULL, 'x')", 'null value in column "units" of relation "orders" violates'],
  ['INSERT INTO orders VALUES (71077345, -71077345)', 'new row for relation "orders" violates check constraint'],
  ["INSERT INTO orders VALUES (2, '71077345x')", 'invalid input syntax for type integer: "…"'],
  ["SELECT '71077345-02-30'::date", 'date/time field value out of range: "…"'],
  ["INSERT INTO orders VALUES (3, 4, '71077345')", 'value too long for type character varying(3)'],
  ["SELECT '710773457107734571077345'::int", 'value "…" is out of range for type integer'],
  ["DO $$BEGIN RAISE 'in\ntwo\n  lines'; END$$", 'in two lines'],
])('%s: the warehouse refuses, and the message keeps values of rows to itself', async (sql, words) => {
  const error = await failureOf(sql);
  expect(error).toBeInstanceOf(WarehouseRefused);
  expect(error.message).toContain(`warehouse ${where}: ${words}`);
  expect(error.message).not.toMatch(/\n/);
  // A logged error shows its cause too.
  expect(inspect(error)).not.toContain('71077345');
});

test.each([
  ["DO $$BEGIN RAISE 'x' USING ERRCODE = '40001'; END$$"],
  ["DO $$BEGIN RAISE 'x' USING ERRCODE = '40P01'; END$$"],
  ["DO $$BEGIN RAISE 'x' USING ERRCODE = '08006'; END$$"],
  ["DO $$BEGIN RAISE 'x' USING ERRCODE = '53300'; END$$"],
  ["DO $$BEGIN RAISE 'x' USING ERRCODE = '57P01'; END$$"],
  ["DO $$BEGIN RAISE 'x' USING ERRCODE = '25006'; END$$"],
  ["DO $$BEGIN RAISE 'cannot set transaction read-write mode during recovery' USING ERRCODE = '0A000'; END$$"],
  ['SET statement_timeout = 1; SELECT pg_sleep(60)'],
])('%s: trying again may help', async (sql) => {
  expect(await failureOf(sql)).toBeInstanceOf(WarehouseUnavailable);
  await database.query('SET statement_timeout = 0');
});

test('an error inside COPY says which line and column, not what stood there', () => {
  const error = new pg.DatabaseError('invalid input syntax for type integer: "71077345x"', 0, 'error');
  Object.assign(error, {
    code: '22P02',
    where: 'COPY stage, line 3, column units: "71077345x"',
    detail: '(71077345x)',
  });
  expect(failure('source', where, error).message).toBe(
    `source ${where}: invalid input syntax for type integer: "…" (COPY stage, line 3, column units)`,
  );
  Object.assign(error, { where: 'COPY stage, line 4: "71077345\tx"', code: undefined, message: 'other' });
  expect(failure('source', where, error).message).toBe(`source ${where}: other (COPY stage, line 4)`);
});

test.each([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
])('%s of the network is a database that is not available', (code) => {
  const cause = Object.assign(new Error(`connect ${code}`), { code });
  const error = failure('source', where, cause);
  expect(error).toBeInstanceOf(SourceUnavailable);
  expect(error.message).toBe(`source ${where}: connect ${code}`);
  expect(error.cause).toBe(cause);
  expect(failure('source', where, new AggregateError([cause, cause]))).toBeInstanceOf(SourceUnavailable);
});

test.each([
  ['Connection terminated', ''],
  ['Connection terminated unexpectedly', ''],
  ['Client has encountered a connection error and is not queryable', ''],
  ['There was an error establishing an SSL connection', ''],
  ['timeout expired', ': no answer within the connection timeout'],
  ['connect ENOENT /run/pg/.s.PGSQL.5432', ''],
])('%s: trying again may help', (message, more) => {
  const cause = Object.assign(new Error(message), message.includes('ENOENT') ? { code: 'ENOENT' } : {});
  const error = failure('warehouse', where, cause);
  expect(error).toBeInstanceOf(WarehouseUnavailable);
  expect(error.message).toBe(`warehouse ${where}: ${message}${more}`);
});

test.each([
  [new TypeError('undefined is not a function'), 'undefined is not a function'],
  ['thrown text', 'thrown text'],
  [new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'), 'the URL has none'],
  [new Error('The server does not support SSL connections'), 'sslmode=disable'],
  [Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'sslrootcert=FILE'],
])('%p is not worth another try', (cause, words) => {
  const error = failure('source', where, cause);
  expect(error).toBeInstanceOf(SourceRefused);
  expect(error.message).toContain(words);
});

test('a typed error stays itself', () => {
  const typed = new LakeCorrupt('an object is missing');
  expect(failure('source', where, typed)).toBe(typed);
});
