import type { Socket } from 'node:net';
import pg from 'pg';
import { copyParquet, ServerError, type ReadableBucket } from './copy.ts';
import { check, Refused } from './language.ts';
import { normal, statements, type Token } from './tokens.ts';
import { translate } from './translate.ts';
import { BodyReader, int16, int32, message, MessageReader, text, value, type Message } from './wire.ts';

/** What a session of the stand-in works with. */
export interface Surroundings {
  /** Connected to the PostgreSQL behind; the session's own. */
  readonly backend: pg.Client;
  readonly s3: ReadableBucket;
  /** Told each statement, in normal form, before it runs; what it throws is the answer. */
  readonly onStatement: (sql: string) => Promise<void> | void;
}

/** What a statement gave: rows of text. */
interface Outcome {
  readonly fields: readonly pg.FieldDef[];
  readonly rows: readonly (string | null)[][];
  readonly tag: string;
}

const raw = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig;

/** One client of the stand-in: PostgreSQL's protocol, version 3, as its drivers speak it, without TLS. */
export class Session {
  readonly #socket: Socket;
  readonly #around: Surroundings;
  readonly #reader = new MessageReader();
  /** Idle, in a transaction, or in one that failed. */
  #state: 'I' | 'T' | 'E' = 'I';
  /** Whether the transaction has read or written yet. */
  #isFresh = true;
  #sql = '';
  #parameters: (string | null)[] = [];
  #outcome: Outcome | undefined;
  /** After an error all is passed over until the client is in step again. */
  #isSkipping = false;
  #work: Promise<void> = Promise.resolve();

  constructor(socket: Socket, around: Surroundings) {
    this.#socket = socket;
    this.#around = around;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const each of this.#reader.read(chunk)) this.#work = this.#work.then(() => this.#take(each));
    });
    socket.on('close', () => void this.#work.then(() => around.backend.end()).catch(() => undefined));
  }

  async #take({ kind, body }: Message): Promise<void> {
    if (kind === '') {
      this.#greet();
      return;
    }
    if (kind === 'X') return void this.#socket.end();
    if (kind === 'S') {
      this.#isSkipping = false;
      this.#ready();
      return;
    }
    if (this.#isSkipping) return;
    try {
      await this.#answer(kind, new BodyReader(body));
    } catch (error) {
      await this.#fail(error);
    }
    if (kind === 'Q') this.#ready();
    this.#isSkipping &&= kind !== 'Q';
  }

  async #answer(kind: string, body: BodyReader): Promise<void> {
    switch (kind) {
      case 'Q':
        for (const statement of statements(body.text())) this.#send(await this.#run(statement, []));
        return;
      case 'P':
        body.text();
        this.#sql = body.text();
        this.#socket.write(message('1'));
        return;
      case 'B':
        this.#parameters = bound(body);
        this.#socket.write(message('2'));
        return;
      case 'D':
        // Only what has run knows its columns.
        this.#outcome = await this.#runPrepared();
        this.#describe(this.#outcome);
        return;
      case 'E':
        this.#rows(this.#outcome ?? (await this.#runPrepared()));
        this.#outcome = undefined;
        return;
      case 'C':
      case 'H':
        return;
      default:
        throw new ServerError('0A000', `message ${kind} is not known`);
    }
  }

  #runPrepared(): Promise<Outcome> {
    const [statement, ...others] = statements(this.#sql);
    if (statement === undefined || others.length > 0) throw new ServerError('42601', 'one statement at a time');
    return this.#run(statement, this.#parameters);
  }

  async #run(statement: readonly Token[], parameters: (string | null)[]): Promise<Outcome> {
    const sql = normal(statement);
    check(statement);
    this.#checkOrder(sql);
    await this.#around.onStatement(sql);
    if (sql.startsWith('COPY ')) {
      const [, table, place] = /^COPY ("[^"]*") FROM '([^']*)'/.exec(sql)!;
      await copyParquet(this.#around.backend, this.#around.s3, table!.toLowerCase(), place!);
      return { fields: [], rows: [], tag: 'COPY' };
    }
    const query = { text: translate(statement), values: parameters, rowMode: 'array' as const, types: raw };
    const { fields, rows, command, rowCount } = await this.#around.backend.query<(string | null)[]>(query);
    this.#state = sql.startsWith('BEGIN') ? 'T' : /^(COMMIT|ROLLBACK)$/.test(sql) ? 'I' : this.#state;
    return { fields, rows, tag: command === 'INSERT' ? `INSERT 0 ${rowCount}` : command };
  }

  /** A lock that is taken after the first query keeps nobody from seeing what was there before it. */
  #checkOrder(sql: string): void {
    if (sql.startsWith('LOCK') && (this.#state !== 'T' || !this.#isFresh)) {
      throw new Refused('LOCK comes first in a transaction');
    }
    this.#isFresh = sql.startsWith('BEGIN');
  }

  #greet(): void {
    this.#socket.write(
      Buffer.concat([
        message('R', int32(0)),
        message('S', text('server_version'), text('8.0.2')),
        message('S', text('client_encoding'), text('UTF8')),
        message('K', int32(1), int32(2)),
      ]),
    );
    this.#ready();
  }

  #ready(): void {
    this.#socket.write(message('Z', Buffer.from(this.#state)));
  }

  #send(outcome: Outcome): void {
    if (outcome.fields.length > 0) this.#describe(outcome);
    this.#rows(outcome);
  }

  #describe({ fields }: Outcome): void {
    if (fields.length === 0) return void this.#socket.write(message('n'));
    const columns = fields.map(({ name, dataTypeID, dataTypeSize, dataTypeModifier }) =>
      Buffer.concat([
        text(name),
        int32(0),
        int16(0),
        int32(dataTypeID),
        int16(dataTypeSize),
        int32(dataTypeModifier),
        int16(0),
      ]),
    );
    this.#socket.write(message('T', int16(fields.length), ...columns));
  }

  #rows({ rows, tag }: Outcome): void {
    for (const row of rows) this.#socket.write(message('D', int16(row.length), ...row.map(value)));
    this.#socket.write(message('C', text(tag)));
  }

  async #fail(error: unknown): Promise<void> {
    const { code, message: what, detail } = serverError(error);
    if (this.#state === 'T') {
      this.#state = 'E';
      // PostgreSQL has to know that the transaction failed, where it was not asked.
      await this.#around.backend.query('SELECT 1 / 0').catch(() => undefined);
    }
    this.#isSkipping = true;
    const fields = [text('SERROR'), text(`C${code}`), text(`M${what}`), ...(detail === '' ? [] : [text(`D${detail}`)])];
    this.#socket.write(message('E', ...fields, Buffer.from([0])));
  }
}

function bound(body: BodyReader): (string | null)[] {
  body.text();
  body.text();
  const formats = Array.from({ length: body.int16() }, () => body.int16());
  if (formats.some((format) => format !== 0)) throw new ServerError('0A000', 'binary parameters are not known');
  return Array.from({ length: body.int16() }, () => body.value());
}

function serverError(error: unknown): { code: string; message: string; detail: string } {
  if (error instanceof ServerError) return error;
  if (error instanceof Refused || error instanceof SyntaxError)
    return { code: '42601', message: error.message, detail: '' };
  if (!(error instanceof pg.DatabaseError)) throw error;
  if (error.code !== '40001') return { code: error.code!, message: error.message, detail: error.detail ?? '' };
  return {
    code: 'XX000',
    message: '1023',
    detail: 'Serializable isolation violation on table - 100, transactions forming the cycle are: 1, 2 (pid:3)',
  };
}
