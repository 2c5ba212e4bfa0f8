import { isRedshift } from '@totes/core';
import type { Client } from 'pg';
import type { Dialect } from './dialect.ts';
import { postgres } from './postgresDialect.ts';
import { redshift } from './redshift/dialect.ts';

/** The dialect of a connected warehouse. */
export const dialectOf = (client: Client): Dialect => (isRedshift(client) ? redshift : postgres);
