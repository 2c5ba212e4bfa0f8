import { AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts';
import type { Cloud } from './cloud.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Takes a role as a GitHub job does that shows its token. The emulator checks the token's claims against the role's trust
 * policy, not its signature, so this one has none that counts.
 *
 * @param subject what GitHub signs the job to be, as `repo:OWNER/NAME:environment:NAME`
 * @throws AccessDenied where the role trusts no such job
 */
export async function takeRole({ sts }: Cloud, roleArn: string, subject: string): Promise<Credentials> {
  const { Credentials } = await sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn,
      RoleSessionName: 'github',
      WebIdentityToken: token(subject),
    }),
  );
  return {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  };
}

/** A JSON Web Token (RFC 7519) with the claims that the trust policies read. */
function token(subject: string): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'https://token.actions.githubusercontent.com',
    aud: 'sts.amazonaws.com',
    sub: subject,
    iat: now,
    exp: now + 3600,
  };
  const parts = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) => JSON.stringify(part));
  return [...parts, 'unsigned'].map((part) => Buffer.from(part).toString('base64url')).join('.');
}
