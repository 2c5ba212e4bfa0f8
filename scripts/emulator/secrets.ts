import { CreateSecretCommand, DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { Cloud } from './cloud.ts';

/** A secret of the account's own, made by a person and not by Terraform. */
export interface GivenSecret {
  readonly arn: string;
  remove(): Promise<void>;
}

export async function makeSecret({ secrets }: Cloud, name: string, value: string): Promise<GivenSecret> {
  const { ARN } = await secrets.send(new CreateSecretCommand({ Name: name, SecretString: value }));
  return {
    arn: ARN!,
    async remove() {
      await secrets.send(new DeleteSecretCommand({ SecretId: ARN!, ForceDeleteWithoutRecovery: true }));
    },
  };
}

/** A database's address as AWS writes it into the secrets that it makes itself. */
export function asAwsSecret(url: string): string {
  const { username, password, hostname, port, pathname } = new URL(url);
  return JSON.stringify({
    engine: 'postgres',
    username,
    password: decodeURIComponent(password),
    host: hostname,
    port: Number(port),
    dbname: pathname.slice(1),
  });
}
