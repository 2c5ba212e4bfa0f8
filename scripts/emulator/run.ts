import type { Cloud } from './cloud.ts';
import type { Databases } from './databases.ts';
import type { Endpoint } from './endpoint.ts';
import type { Report } from './report.ts';

/** What a run works with. */
export interface Run {
  /** For all that it writes. */
  readonly folder: string;
  readonly endpoint: Endpoint;
  readonly cloud: Cloud;
  readonly databases: Databases;
  readonly report: Report;
}
