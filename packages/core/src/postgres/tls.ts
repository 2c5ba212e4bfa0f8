import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { ConfigInvalid, messageOf } from '../errors.ts';
import type { DatabaseAddress } from './url.ts';

const modes = ['disable', 'require', 'no-verify', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof modes)[number];

const supported = new Set(['sslmode', 'sslrootcert', 'sslcert', 'sslkey']);

/** Whether a connection stays on this machine. */
const isLocal = (host: string): boolean =>
  host.startsWith('/') || host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));

/**
 * How to encrypt a connection and whom to trust, from the URL's own parameters, which mean what they mean to libpq
 * (https://www.postgresql.org/docs/current/libpq-ssl.html):
 *
 * - no sslmode: `verify-full`, or no encryption where the server is on this machine and no sslrootcert is given
 * - `verify-full`: encrypted, the certificate signed by a trusted authority and made out to this host
 * - `verify-ca`: the same but for the host's name; needs sslrootcert, because a public authority signs for anybody
 * - `require`: encrypted only, which does not keep out a server that poses as the right one; with sslrootcert, verify-ca
 * - `no-verify`: encrypted only, always
 * - `disable`: not encrypted
 *
 * `sslrootcert=FILE` replaces the authorities that Node trusts (`system` keeps them); `sslcert` and `sslkey` are files
 * of the client's own certificate. A unix socket is never encrypted.
 *
 * @throws ConfigInvalid for any other mode or parameter and for a file that cannot be read
 */
export function tlsOptions({ host, tls, where }: DatabaseAddress): ConnectionOptions | false {
  const mode = modeOf(host, tls, where);
  if (mode === 'disable' || host.startsWith('/')) return false;
  const root = tls.get('sslrootcert');
  const file = (name: string): string | undefined => readParameter(name, tls.get(name), where);
  const [ca, cert, key] = [root === 'system' ? undefined : file('sslrootcert'), file('sslcert'), file('sslkey')];
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: mode === 'verify-ca' || mode === 'verify-full',
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}

function modeOf(host: string, tls: DatabaseAddress['tls'], where: string): Mode {
  const unknown = [...tls.keys()].find((name) => !supported.has(name));
  if (unknown !== undefined) {
    throw new ConfigInvalid(`${where}: the parameter ${unknown} is not supported; write ${[...supported].join(', ')}`);
  }
  const root = tls.get('sslrootcert');
  const mode = tls.get('sslmode') ?? (isLocal(host) && root === undefined ? 'disable' : 'verify-full');
  if (!isMode(mode)) {
    throw new ConfigInvalid(
      `${where}: sslmode=${mode} ${mode === 'prefer' || mode === 'allow' ? 'may connect unencrypted' : 'is not a mode'}; ` +
        'write verify-full, or require to encrypt without checking the server, or disable',
    );
  }
  const authority = root !== undefined && root !== 'system';
  if (mode === 'verify-ca' && !authority) {
    throw new ConfigInvalid(`${where}: sslmode=verify-ca needs sslrootcert=FILE; or write verify-full`);
  }
  return mode === 'require' && authority ? 'verify-ca' : mode;
}

const isMode = (text: string): text is Mode => (modes as readonly string[]).includes(text);

function readParameter(name: string, path: string | undefined, where: string): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigInvalid(`${where}: ${name}: ${messageOf(error)}`, { cause: error });
  }
}
