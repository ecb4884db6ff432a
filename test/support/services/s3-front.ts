import { readFileSync } from 'node:fs';
import { type IncomingMessage, createServer as plainServer, request, type ServerResponse } from 'node:http';
import { createServer as tlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificate.ts';

/** Statuses of what S3 refuses (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html). */
const STATUSES = {
  AccessDenied: 403,
  ExpiredToken: 400,
  InvalidAccessKeyId: 403,
  NoSuchBucket: 404,
  PathStyleDomainForbidden: 403,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
} as const;
export type S3ErrorCode = keyof typeof STATUSES;

interface Refusal {
  readonly status: number;
  readonly body: string;
  /** How many requests it is for. */
  times: number;
}

/** Stands before an S3 server, and answers some requests in its place, as S3 answers: by the code of an error in XML. */
export class S3Front implements AsyncDisposable {
  /** http://127.0.0.1:PORT, or https://localhost:PORT with a certificate. */
  readonly url: string;
  readonly #close: () => Promise<void>;
  readonly #refusals: Refusal[] = [];
  #refused = 0;
  readonly #seen: IncomingMessage[] = [];

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  static async before(target: string, certificate?: Certificate): Promise<S3Front> {
    const { hostname, port } = new URL(target);
    const serve = (asked: IncomingMessage, answer: ServerResponse): void =>
      front.#serve(asked, answer, { host: hostname, port });
    const server = certificate
      ? tlsServer({ cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) }, serve)
      : plainServer(serve);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port: own } = server.address() as AddressInfo;
    const front = new S3Front(
      certificate ? `https://localhost:${own}` : `http://127.0.0.1:${own}`,
      async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    );
    return front;
  }

  /** How many requests it answered itself. */
  get refused(): number {
    return this.#refused;
  }

  /** The values of a header in all requests so far. */
  headers(name: string): readonly (string | undefined)[] {
    return this.#seen.map(({ headers }) => headers[name]?.toString());
  }

  /** The next so many requests, or all until pass(). */
  refuse(code: S3ErrorCode, times = Number.POSITIVE_INFINITY): void {
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>As told.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>`;
    this.answer(STATUSES[code], body, times);
  }

  answer(status: number, body: string, times = Number.POSITIVE_INFINITY): void {
    this.#refusals.push({ status, body, times });
  }

  /** From now on every request gets through. */
  pass(): void {
    this.#refusals.length = 0;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  #serve(
    asked: IncomingMessage,
    answer: ServerResponse,
    to: { readonly host: string; readonly port: string },
  ): void {
    this.#seen.push(asked);
    const refusal = this.#refusals.find(({ times }) => times > 0);
    if (refusal !== undefined) {
      refusal.times -= 1;
      this.#refused += 1;
      asked.resume();
      answer.writeHead(refusal.status, { 'Content-Type': 'application/xml' }).end(refusal.body);
      return;
    }
    // With the Host that was signed.
    const { method, url, headers } = asked;
    const passed = request({ ...to, method, path: url, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    asked.pipe(passed);
  }
}
