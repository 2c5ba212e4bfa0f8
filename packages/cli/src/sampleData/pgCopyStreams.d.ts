/** pg-copy-streams comes without types; this is what we use of it. */
declare module 'pg-copy-streams' {
  import type { Writable } from 'node:stream';
  import type { Submittable } from 'pg';

  /** A stream that writes what it is given into `COPY … FROM STDIN`. */
  export function from(sql: string): Writable & Submittable;
}
