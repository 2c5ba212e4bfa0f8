import { once } from 'node:events';
import { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { createDatabase, type TestDatabase } from '../../../scripts/jest/database.ts';
import { CopyOut } from './copyOut.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await database.query(`
    CREATE TABLE line AS SELECT g AS id, repeat(chr(97 + g % 26), g % 200) AS text FROM generate_series(1, 20000) g;
    CREATE FUNCTION loud(n int) RETURNS int LANGUAGE plpgsql AS
      $$ BEGIN IF n % 1000 = 0 THEN RAISE NOTICE 'at %', n; END IF; RETURN n; END $$`);
});
afterAll(() => database.drop());

const copyLines = 'COPY (SELECT * FROM line ORDER BY id) TO STDOUT (FORMAT csv)';

const expected = Array.from({ length: 20_000 }, (_, i) => {
  const text = String.fromCharCode(97 + ((i + 1) % 26)).repeat((i + 1) % 200);
  return `${i + 1},${text === '' ? '""' : text}\n`;
}).join('');

async function readAll(client: pg.Client, sql: string): Promise<{ text: string; rows: number }> {
  const copy = client.query(new CopyOut(sql));
  const text = (await blocks(copy)).toString();
  return { text, rows: copy.rows };
}

const blocks = async (copy: CopyOut): Promise<Buffer> => Buffer.concat((await copy.toArray()) as Buffer[]);

/** A socket that hands the server's bytes on in pieces of a size, and is lost after so many bytes. */
class PiecemealSocket extends Socket {
  readonly #pieceBytes: number;
  #left: number;

  constructor(pieceBytes: number, cutAfter = Infinity) {
    super();
    this.#pieceBytes = pieceBytes;
    this.#left = cutAfter;
  }

  override push(chunk: Buffer | null): boolean {
    if (chunk === null) return super.push(null);
    this.#left -= chunk.length;
    if (this.#left < 0) {
      this.destroy();
      return false;
    }
    let more = true;
    for (let at = 0; at < chunk.length; at += this.#pieceBytes) {
      more = super.push(chunk.subarray(at, at + this.#pieceBytes));
    }
    return more;
  }
}

async function connected(socket = new Socket()): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url, stream: () => socket });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

test('rows arrive byte for byte, counted, and the connection goes on', async () => {
  const client = await database.connect();
  for (let i = 0; i < 3; i++) {
    expect(await readAll(client, copyLines)).toEqual({ text: expected, rows: 20_000 });
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  }
});

test('no rows and empty rows are told apart', async () => {
  const client = await database.connect();
  expect(await readAll(client, 'COPY (SELECT 1 WHERE false) TO STDOUT')).toEqual({ text: '', rows: 0 });
  expect(await readAll(client, 'COPY (SELECT FROM generate_series(1, 3)) TO STDOUT')).toEqual({
    text: '\n\n\n',
    rows: 3,
  });
});

test('a row larger than a block and than the socket chunks arrives whole', async () => {
  const client = await database.connect();
  const { text, rows } = await readAll(
    client,
    "COPY (SELECT repeat('x', 3000000) FROM generate_series(1, 2)) TO STDOUT",
  );
  expect(rows).toBe(2);
  expect(text === `${'x'.repeat(3_000_000)}\n`.repeat(2)).toBe(true);
});

test.each([1, 2, 3, 7, 4099])('messages split after every %d bytes are put together', async (pieceBytes) => {
  const client = await connected(new PiecemealSocket(pieceBytes));
  const sql = 'COPY (SELECT * FROM line ORDER BY id LIMIT 300) TO STDOUT (FORMAT csv)';
  const { text, rows } = await readAll(client, sql);
  expect(rows).toBe(300);
  expect(expected.startsWith(text) && text.split('\n').length === 301).toBe(true);
  await expect(readAll(client, 'COPY (SELECT 1/0) TO STDOUT')).rejects.toThrow('division by zero');
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await client.end();
});

test('notices between the rows reach the client, and are no rows', async () => {
  const client = await database.connect();
  const notices: string[] = [];
  client.on('notice', ({ message }) => notices.push(String(message)));
  const { text, rows } = await readAll(client, 'COPY (SELECT loud(g) FROM generate_series(1, 5000) g) TO STDOUT');
  expect(notices).toEqual(['at 1000', 'at 2000', 'at 3000', 'at 4000', 'at 5000']);
  expect([rows, text.split('\n').length]).toEqual([5000, 5001]);
});

test('an error before the first row and one amid the rows fail the stream, and the connection goes on', async () => {
  const client = await database.connect();
  await expect(readAll(client, 'COPY nowhere TO STDOUT')).rejects.toMatchObject({ code: '42P01' });
  const amid = 'COPY (SELECT 1 / (15000 - id) FROM line ORDER BY id) TO STDOUT';
  await expect(readAll(client, amid)).rejects.toThrow('division by zero');
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

test('a connection lost amid the rows fails the stream', async () => {
  const client = await connected(new PiecemealSocket(65_536, 500_000));
  await expect(readAll(client, copyLines)).rejects.toThrow('Connection terminated unexpectedly');
  await expect(client.query('SELECT 1')).rejects.toThrow('connection error');
});

test('a server process that is ended amid the rows fails the stream', async () => {
  const client = await database.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const copy = client.query(new CopyOut('COPY (SELECT generate_series(1, 100000000)) TO STDOUT'));
  const failed = expect(blocks(copy)).rejects.toMatchObject({ code: '57P01' });
  await database.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
  await failed;
});

test('a reader that does not read makes the server wait', async () => {
  const socket = new Socket();
  const client = await connected(socket);
  const copy = client.query(new CopyOut("COPY (SELECT repeat('x', 1000) FROM generate_series(1, 50000)) TO STDOUT"));
  // Nobody reads, so the stream fills up and then pauses the socket.
  await once(socket, 'pause');
  expect(socket.bytesRead).toBeLessThan(8_000_000);
  expect((await blocks(copy)).length).toBe(50_000 * 1001);
  await client.end();
});

/** A socket that hands on what the server says up to its next "ready for query" in one chunk, once it gathers. */
class GatheringSocket extends Socket {
  gathers = false;
  #gathered: Buffer = Buffer.alloc(0);

  override push(chunk: Buffer | null): boolean {
    if (chunk === null || !this.gathers) return super.push(chunk);
    this.#gathered = Buffer.concat([this.#gathered, chunk]);
    if (this.#gathered.subarray(-6).toString('latin1') !== 'Z\0\0\0\u0005I') return true;
    const whole = this.#gathered;
    this.#gathered = Buffer.alloc(0);
    return super.push(whole);
  }
}

test('a statement whose end is read while the server is made to wait leaves the connection usable', async () => {
  const socket = new GatheringSocket();
  const client = await connected(socket);
  socket.gathers = true;
  const copy = client.query(new CopyOut("COPY (SELECT repeat('x', 1000) FROM generate_series(1, 2000)) TO STDOUT"));
  expect((await blocks(copy)).length).toBe(2000 * 1001);
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await client.end();
});

test('a stream that is destroyed closes the connection, and the client knows', async () => {
  const client = await connected();
  const copy = client.query(new CopyOut('COPY (SELECT generate_series(1, 100000000)) TO STDOUT'));
  await expect(async () => {
    for await (const block of copy) if ((block as Buffer).length > 0) throw new Error('enough');
  }).rejects.toThrow('enough');
  await expect(client.query('SELECT 1')).rejects.toThrow();
  await client.end();
});
