import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';

interface StoredObject {
  readonly body: Buffer;
  readonly crc32: string;
  /** Another one for each write. */
  readonly etag: string;
  /** Content-Type and Cache-Control, where the writer gave them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * What happens to a request: an error answer; no answer at all (`silent`); a connection cut before the work, after it, or
 * halfway through the reply. Or the reply's body ends early, its length told as it is, or has a byte that is wrong.
 */
export type Fault =
  | { readonly status: number; readonly code: string }
  | 'silent'
  | 'cut'
  | 'reply lost'
  | 'reply cut'
  | 'reply short'
  | 'reply damaged';

interface Call {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
}

class S3Error extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(`${code}, says the test`);
    this.status = status;
    this.code = code;
  }
}

/**
 * As much of S3's HTTP interface as the lake and the report use, on the loopback interface and in memory: conditional PUT,
 * multipart uploads, GET (by a signed link too), HEAD and ListObjectsV2, with checksums both ways. It drives the real AWS
 * client.
 */
export class FakeS3 {
  readonly bucket = 'test-lake';
  readonly objects = new Map<string, StoredObject>();
  /** Multipart uploads neither completed nor aborted. */
  readonly uploads = new Map<string, { metadata: StoredObject['metadata']; parts: Map<number, Buffer> }>();
  /** Every request served, as `GET key?query`. */
  readonly requests: string[] = [];
  /** Decides about each request before it is served. */
  fault: (call: Call) => Fault | undefined = () => undefined;
  /** The most keys that a listing gives at once, whatever was asked for. */
  pageSize = 1000;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  put(
    key: string,
    body: Buffer,
    metadata: StoredObject['metadata'] = {},
    headers: StoredObject['headers'] = {},
  ): StoredObject {
    const object = { body, crc32: crc(body), etag: `"${randomUUID()}"`, headers, metadata };
    this.objects.set(key, object);
    return object;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat((await request.toArray()) as Buffer[]);
    const url = new URL(request.url!, 'http://s3');
    const [, bucket, ...path] = decodeURIComponent(url.pathname).split('/');
    const call = { method: request.method!, key: path.join('/'), query: url.searchParams };
    this.requests.push(`${call.method} ${call.key}${url.search}`);
    const fault = this.fault(call);
    if (fault === 'cut') return void request.socket.destroy();
    if (fault === 'silent') return;
    try {
      if (typeof fault === 'object') throw new S3Error(fault.status, fault.code);
      if (bucket !== this.bucket) throw new S3Error(404, 'NoSuchBucket');
      checkBody(request, body);
      const reply = this.#serve(call, request, body);
      const content = Buffer.from(reply.body ?? '');
      const half = content.subarray(0, content.length / 2);
      if (fault === 'reply lost' || (fault === 'reply cut' && content.length === 0)) {
        return void request.socket.destroy();
      }
      if (fault === 'reply cut') {
        return void response
          .writeHead(200, { ...reply.headers, 'content-length': content.length })
          .write(half, () => request.socket.destroy());
      }
      if (fault === 'reply damaged' && content.length > 0) content[half.length]! ^= 1;
      const sent = fault === 'reply short' ? half : content;
      response.writeHead(200, reply.headers).end(call.method === 'HEAD' ? undefined : sent);
    } catch (error) {
      const { status, code, message } = error instanceof S3Error ? error : new S3Error(500, 'InternalError');
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
    }
  }

  #serve(
    call: Call,
    request: IncomingMessage,
    body: Buffer,
  ): { headers?: Record<string, string>; body?: string | Buffer } {
    const { method, key, query } = call;
    const upload = query.get('uploadId') ?? '';
    if (query.has('list-type')) return { body: this.#list(query) };
    if (method === 'GET' || method === 'HEAD') return this.#read(key, method);
    if (method === 'DELETE') {
      if (!this.uploads.delete(upload)) throw new S3Error(404, 'NoSuchUpload');
      return {};
    }
    if (query.has('uploads')) {
      const id = randomUUID();
      this.uploads.set(id, { metadata: metadataOf(request), parts: new Map() });
      return { body: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>` };
    }
    if (upload === '') {
      return { headers: { etag: this.#create(key, body, metadataOf(request), request).etag } };
    }
    const open = this.uploads.get(upload);
    if (open === undefined) throw new S3Error(404, 'NoSuchUpload');
    if (method === 'PUT') {
      open.parts.set(Number(query.get('partNumber')), body);
      return { headers: { etag: `"${query.get('partNumber')}"` } };
    }
    const numbers = [...body.toString().matchAll(/<PartNumber>(\d+)</g)].map(([, number]) => Number(number));
    const whole = Buffer.concat(numbers.map((number) => open.parts.get(number)!));
    this.#create(key, whole, open.metadata, request);
    this.uploads.delete(upload);
    return { body: '<CompleteMultipartUploadResult><ETag>"object"</ETag></CompleteMultipartUploadResult>' };
  }

  #create(key: string, body: Buffer, metadata: StoredObject['metadata'], { headers }: IncomingMessage): StoredObject {
    const before = this.objects.get(key);
    const match = headers['if-match'];
    if (headers['if-none-match'] === '*' && before !== undefined) throw new S3Error(412, 'PreconditionFailed');
    if (match !== undefined && before === undefined) throw new S3Error(404, 'NoSuchKey');
    if (match !== undefined && before!.etag !== match) throw new S3Error(412, 'PreconditionFailed');
    const kept = ['content-type', 'cache-control'].filter((name) => headers[name] !== undefined);
    return this.put(key, body, metadata, Object.fromEntries(kept.map((name) => [name, String(headers[name])])));
  }

  #read(key: string, method: string): { headers: Record<string, string>; body: Buffer } {
    const object = this.objects.get(key);
    if (object === undefined) throw new S3Error(404, method === 'HEAD' ? 'NotFound' : 'NoSuchKey');
    const metadata = Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value] as const);
    return {
      headers: {
        ...object.headers,
        ...Object.fromEntries(metadata),
        etag: object.etag,
        'last-modified': new Date(0).toUTCString(),
        'x-amz-checksum-crc32': object.crc32,
      },
      body: object.body,
    };
  }

  #list(query: URLSearchParams): string {
    const after = Buffer.from(query.get('continuation-token') ?? query.get('start-after') ?? '');
    const found = [...this.objects.keys()]
      .filter((key) => key.startsWith(query.get('prefix') ?? '') && Buffer.compare(Buffer.from(key), after) > 0)
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const page = found.slice(0, Math.min(Number(query.get('max-keys')), this.pageSize)).map(escapeXml);
    const more = page.length < found.length;
    return `<ListBucketResult><IsTruncated>${more}</IsTruncated>
      ${more ? `<NextContinuationToken>${page.at(-1) ?? ''}</NextContinuationToken>` : ''}
      ${page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')}</ListBucketResult>`;
  }
}

const crc = (body: Buffer): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64');
};

/** Every request with a body must carry a checksum of it, and the body must be what was signed. A signed link has none. */
function checkBody({ method, headers, url }: IncomingMessage, body: Buffer): void {
  if (method === 'GET' && url!.includes('X-Amz-Signature=')) return;
  const signed = headers['x-amz-content-sha256'];
  const sums = method !== 'PUT' || headers['x-amz-checksum-crc32'] === crc(body);
  if (!sums || signed !== createHash('sha256').update(body).digest('hex')) {
    throw new S3Error(400, `BadDigest of ${url}`);
  }
}

function metadataOf({ headers }: IncomingMessage): Record<string, string> {
  const own = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'));
  return Object.fromEntries(own.map(([name, value]) => [name.slice('x-amz-meta-'.length), String(value)]));
}

const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
