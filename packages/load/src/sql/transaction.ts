/**
 * READ COMMITTED, so that what is read after waiting for the lock includes what the other holder wrote. A loader whose
 * machine vanishes leaves a connection that looks alive; without these keepalives the server would hold its lock for
 * the two hours of the operating system's default. They have no effect on a Unix socket.
 */
export const beginWriting = `
  BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
  SET LOCAL tcp_keepalives_idle = 60;
  SET LOCAL tcp_keepalives_interval = 15;
  SET LOCAL tcp_keepalives_count = 4`;

/** All that is read shows one moment. */
export const beginReading = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/** Waits until no other transaction holds the lock named $1; the end of the transaction lets it go. */
export const lock = `SELECT pg_advisory_xact_lock(hashtextextended('totes load ' || $1::text, 0))`;
