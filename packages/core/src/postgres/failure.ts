import pg from 'pg';
import {
  messageOf,
  SourceRefused,
  SourceUnavailable,
  TotesError,
  WarehouseRefused,
  WarehouseUnavailable,
} from '../errors.ts';
import { codeOf, isNetworkFault } from '../networkFault.ts';

/** Which of the two databases a connection leads to. */
export type DatabaseSide = 'source' | 'warehouse';

const kinds = {
  source: { unavailable: SourceUnavailable, refused: SourceRefused },
  warehouse: { unavailable: WarehouseUnavailable, refused: WarehouseRefused },
} as const;

/**
 * SQLSTATEs after which the same work may succeed: connection lost (08), out of connections, memory or disk (53), lock
 * not granted in time, statement cancelled, server shutting down or starting (57P0x), serialization failure, deadlock;
 * read only (25006), as a standby is that is about to take over, or a server whose disk ran full.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const passingState = /^(08...|25006|53...|55P03|57014|57P0.|40001|40P01)$/;

/**
 * What Redshift says under the state of internal errors (XX000): 1023, another transaction's work cannot be put in order
 * with this one's; 1018, a table was made or dropped since this one's snapshot.
 * https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation-serializable-isolation-troubleshooting.html
 */
const redshiftConflict = /^(1023|1018)$|Serializable isolation violation/;

/** What a standby says to BEGIN READ WRITE, under a SQLSTATE that means much else (0A000). */
const ofStandby = 'during recovery';

/** The words of the driver's own errors for a connection that was lost or never came about; they carry no code. */
const passingMessage =
  /^(Connection terminated|timeout expired|Client has encountered a connection error|There was an error establishing an SSL connection)/;

const untrusted =
  'its certificate is not signed by an authority that this machine trusts: give the authority with sslrootcert=FILE';

/** What to do, where the plain message of an error does not show it. */
const advice: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  'timeout expired': 'no answer within the connection timeout',
  'The server does not support SSL connections':
    'set it up for TLS, or write sslmode=disable where the network between is trusted',
  'Unknown authenticationOk message type 13':
    'Redshift keeps the password as SHA-256, which this driver cannot answer: set it anew as plain text or MD5',
  'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string':
    'the server asks for a password and the URL has none',
};

/**
 * The typed error for whatever went wrong with a database: Unavailable where trying again can help, Refused where it
 * cannot. The message is one line and holds neither a password nor values of rows.
 *
 * @param where the database as `redactUrl` writes it, and what was being done if that helps
 * @param error a TotesError is given back as it is
 */
export function failure(side: DatabaseSide, where: string, error: unknown): TotesError {
  if (error instanceof TotesError) return error;
  const Failure = isSerializationConflict(error)
    ? SerializationConflict
    : kinds[side][isPassing(error) ? 'unavailable' : 'refused'];
  const message = `${side} ${where}: ${describe(error)}`.replace(/\s+/g, ' ');
  // PostgreSQL's errors carry whole rows in `detail` and `where`, and a logged error is logged with its cause.
  return error instanceof pg.DatabaseError ? new Failure(message) : new Failure(message, { cause: error });
}

/** To everybody but the owner of the transaction, who may do it again, the warehouse is unavailable. */
class SerializationConflict extends WarehouseUnavailable {}

/** Whether Redshift ended a transaction that stands a chance when all of it is done again. */
export const isSerializationConflict = (error: unknown): boolean =>
  error instanceof SerializationConflict ||
  (error instanceof pg.DatabaseError && error.code === 'XX000' && redshiftConflict.test(error.message.trim()));

function isPassing(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) {
    return passingState.test(error.code ?? '') || error.message.endsWith(ofStandby);
  }
  // A unix socket that is not there is a server that is not running.
  const socketMissing = codeOf(error) === 'ENOENT' && messageOf(error).startsWith('connect ');
  return socketMissing || isNetworkFault(error) || passingMessage.test(messageOf(error));
}

function describe(error: unknown): string {
  if (error instanceof pg.DatabaseError) return describeDatabaseError(error);
  const message = messageOf(error);
  const more = advice[codeOf(error) ?? message] ?? advice[message];
  return more === undefined ? message : `${message}: ${more}`;
}

/** character_not_in_repertoire, untranslatable_character */
const aboutEncodings = ['22021', '22P05'];

const lockNotAvailable = '55P03';

function describeDatabaseError(error: pg.DatabaseError): string {
  // The messages of class 22, data exceptions, quote the value at fault; those about encodings quote the encodings.
  const quotesValue = error.code?.startsWith('22') === true && !aboutEncodings.includes(error.code);
  if (isSerializationConflict(error)) return `${error.message.trim()}: serializable isolation violation`;
  const message = quotesValue ? error.message.replace(/".*"/s, '"…"') : error.message;
  if (error.code === lockNotAvailable)
    return `${error.message}: another session keeps a lock on it; pg_locks says which`;
  const place = /^COPY .*?, line \d+(, column [^:]+)?/.exec(error.where ?? '')?.[0];
  return place === undefined ? message : `${message} (${place})`;
}
