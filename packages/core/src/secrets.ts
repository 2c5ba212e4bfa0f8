import { describeAwsError, isPassingAwsFault } from './awsFault.ts';
import { ConfigInvalid, SecretUnavailable } from './errors.ts';

const arn = /^arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):\d{12}:secret:.+$/;

/**
 * The database URL that a setting stands for. The setting is one of:
 *
 * - a postgres://, postgresql:// or redshift:// URL, given back as it is
 * - `arn:aws:secretsmanager:…` or `secret:NAME`: a secret of AWS Secrets Manager, which holds such a URL, or the JSON
 *   that AWS itself writes for a database, with username, password, host, dbname and perhaps port; its engine tells
 *   PostgreSQL from Redshift
 *   (https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html)
 *
 * @throws ConfigInvalid where there is no such secret, no right to it or no URL in it; SecretUnavailable for a passing
 *   fault. No message holds the setting, if it may be a URL, or any part of the secret.
 */
export async function databaseUrl(setting: string): Promise<string> {
  const value = setting.trim();
  if (isUrl(value)) return value;
  const id = arn.test(value) ? value : /^secret:(.+)$/.exec(value)?.[1];
  if (id === undefined) {
    throw new ConfigInvalid('a database must be a postgres:// URL, the ARN of a Secrets Manager secret or secret:NAME');
  }
  return urlOf((await fetchSecret(id)).trim(), id);
}

const isUrl = (text: string): boolean => /^(postgres(ql)?|redshift):\/\//.test(text);

async function fetchSecret(id: string): Promise<string> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const region = arn.exec(id)?.[1];
  const client = new SecretsManagerClient({
    ...(region === undefined ? {} : { region }),
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  });
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: id }));
    return SecretString ?? '';
  } catch (error) {
    const Failure = isPassingAwsFault(error) ? SecretUnavailable : ConfigInvalid;
    throw new Failure(`secret ${id} cannot be read: ${describeAwsError(error)}`, { cause: error });
  } finally {
    client.destroy();
  }
}

function urlOf(secret: string, id: string): string {
  if (isUrl(secret)) return secret;
  const fields = parsed(secret);
  if (fields === undefined) {
    throw new ConfigInvalid(`secret ${id} must be a postgres:// URL or JSON with username, password, host and dbname`);
  }
  const text = (name: string): string => {
    const value = fields[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const missing = ['username', 'password', 'host', 'dbname'].filter((name) => text(name) === '');
  if (missing.length > 0) throw new ConfigInvalid(`secret ${id} has no ${missing.join(', no ')}`);
  const [user, password, database] = [text('username'), text('password'), text('dbname')].map(encodeURIComponent);
  const isRedshift = text('engine') === 'redshift';
  const port = text('port') || (isRedshift ? '5439' : '5432');
  return `${isRedshift ? 'redshift' : 'postgres'}://${user}:${password}@${text('host')}:${port}/${database}`;
}

function parsed(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
