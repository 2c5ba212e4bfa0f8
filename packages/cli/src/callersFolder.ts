import { resolve } from 'node:path';

/** The whole path of what somebody named: a relative one is of the caller's folder, though pnpm runs commands in the project's own. */
export const fromCallersFolder = (path: string): string => resolve(process.env.INIT_CWD ?? '.', path);
