import { generateKeyPairSync, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A length in DER: one byte up to 127, else the number of bytes that follow, and no more than are needed. */
function lengthOf(content: Buffer): Buffer {
  if (content.length < 0x80) return Buffer.from([content.length]);
  if (content.length < 0x100) return Buffer.from([0x81, content.length]);
  return Buffer.from([0x82, content.length >> 8, content.length & 0xff]);
}

function der(tag: number, ...contents: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(contents.map((each) => Buffer.from(each as string)));
  return Buffer.concat([Buffer.from([tag]), lengthOf(content), content]);
}

const sequence = (...contents: readonly Buffer[]): Buffer => der(0x30, ...contents);
const objectId = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

/**
 * A self-signed certificate (X.509, RFC 5280) made out to a host's name or IPv4 address, valid until 2049, with its
 * private key; both as PEM. For tests of TLS.
 */
export function selfSignedCertificate(host: string): { certificate: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));
  const name = sequence(der(0x31, sequence(objectId('550403'), der(0x0c, 'totes test'))));
  const validity = sequence(der(0x17, '000101000000Z'), der(0x17, '491231235959Z'));
  const alternativeName = sequence(
    objectId('551d11'),
    der(0x04, sequence(isIPv4(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, host))),
  );
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(alternativeName)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
  return {
    certificate: pem('CERTIFICATE', sequence(body, ecdsaWithSha256, signature)),
    key: pem('PRIVATE KEY', privateKey.export({ type: 'pkcs8', format: 'der' })),
  };
}
