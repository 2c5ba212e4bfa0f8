import pg from 'pg';

/**
 * A connection to Amazon Redshift, which speaks PostgreSQL's protocol and a language of its own: whoever gets a client
 * tells by its class which of the two it may use.
 */
export class RedshiftClient extends pg.Client {
  /** The ARN of the role by which the cluster reads S3; undefined for the cluster's default role. */
  readonly copyRole: string | undefined;

  constructor(config: pg.ClientConfig, copyRole?: string) {
    super(config);
    this.copyRole = copyRole;
  }
}

/** Whether a connection is one to Redshift. */
export const isRedshift = (client: pg.Client): client is RedshiftClient => client instanceof RedshiftClient;
