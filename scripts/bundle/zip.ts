import { zipSync, type ZipOptions } from 'fflate';
import type { Files } from './bundle.ts';

/** Lambda runs the code as a user of its own, who must be able to read it. */
const readable = 0o100644;

const entry: ZipOptions = {
  level: 9,
  // The first moment that a zip can hold. Zips hold local time, and this is the local one, in every zone the same.
  mtime: new Date(1980, 0, 1),
  os: 3,
  attrs: readable << 16,
};

/** A zip whose bytes follow from the files alone: not from the clock, the zone, the machine or their order. */
export const zip = (files: Files): Uint8Array =>
  // Compressed in JavaScript: the same bytes everywhere, where zlib's depend on the processor that it was built for.
  zipSync(
    Object.fromEntries(
      Object.keys(files)
        .sort()
        .map((name) => [name, [files[name]!, entry]]),
    ),
  );
