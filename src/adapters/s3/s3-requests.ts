import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import type { S3Target } from '../../ports/targets.ts';
import { S3Refusal } from './s3-refusal.ts';

/** The XML of a listing or an error. */
const XML_BYTES_MAX = 4 * 1_024 * 1_024;

/** No answer came, or not all of it. */
export class S3Silence extends Error {
  override readonly name = 'S3Silence';
}

interface Question {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  /** Below the prefix; absent: the bucket itself. */
  readonly name?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Of the answer. */
  readonly bytesMax?: number;
}

/**
 * Single requests to one bucket, signed with AWS Signature Version 4
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html).
 */
export class S3Requests {
  readonly #client: AwsClient;
  readonly #root: URL;
  readonly #prefix: string;
  readonly #requestMsMax: number;

  constructor(
    { endpoint, bucket, isPathStyle, prefix, region, accessKeyId, secretAccessKey }: S3Target,
    requestMsMax: number,
  ) {
    this.#requestMsMax = requestMsMax;
    this.#client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });
    this.#root = new URL(endpoint);
    if (isPathStyle) this.#root.pathname = `/${bucket}`;
    else this.#root.hostname = `${bucket}.${endpoint.hostname}`;
    this.#prefix = `${prefix}/`;
  }

  /**
   * The answer's bytes; undefined: more than `bytesMax`. Throws S3Refusal for an answer other than 2xx, S3Silence without one, and
   * the signal's reason.
   */
  async ask(question: Question, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { method, body, bytesMax = XML_BYTES_MAX } = question;
    const request = await this.#client.sign(this.#url(question), {
      method,
      ...(body !== undefined && { body }),
      // S3 compares it with what arrives.
      headers: { 'X-Amz-Content-Sha256': hexHash(body ?? new Uint8Array(0)) },
    });
    // Not AbortSignal.any() with a timeout: Node 20 may collect that as garbage, and then it never aborts.
    const patience = new AbortController();
    const giveUp = (): void => patience.abort(signal.reason);
    const timer = setTimeout(() => patience.abort(new S3Silence('S3 took too long')), this.#requestMsMax);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      const response = await fetch(request, { signal: patience.signal, redirect: 'manual' });
      const bytes = await readAtMost(response, response.ok ? bytesMax : XML_BYTES_MAX);
      if (!response.ok) throw new S3Refusal(response.status, bytes ?? new Uint8Array(0));
      return bytes;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof S3Refusal) throw error;
      throw new S3Silence('S3 did not answer', {
        cause: patience.signal.aborted ? patience.signal.reason : error,
      });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** One listing (ListObjectsV2) of what is below the prefix, as XML. `prefix` and `start-after` are relative to it. */
  async list(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string> {
    const { prefix = '', 'start-after': after, ...rest } = query;
    const whole = {
      'list-type': '2',
      ...rest,
      prefix: this.#prefix + prefix,
      ...(after !== undefined && { 'start-after': this.#prefix + after }),
    };
    const bytes = await this.ask({ method: 'GET', query: whole }, signal);
    return new TextDecoder().decode(bytes);
  }

  /** Of a whole key; undefined: it is not below the prefix. */
  nameOf(key: string): string | undefined {
    return key.startsWith(this.#prefix) ? key.slice(this.#prefix.length) : undefined;
  }

  #url({ name, query }: Question): URL {
    const url = new URL(this.#root);
    if (name !== undefined) url.pathname = `${url.pathname.replace(/\/$/, '')}/${this.#prefix}${name}`;
    url.search = new URLSearchParams(query).toString();
    return url;
  }
}

function hexHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Undefined: there is more, and the rest was not read. */
async function readAtMost(response: Response, bytesMax: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    // Leaving the loop cancels the body.
    if (length > bytesMax) return undefined;
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts, length));
}
