import { once } from 'node:events';
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

/** Stands before an S3 server, and answers some requests in its place, as S3 answers: by the code of an error in XML. */
export interface S3Front extends AsyncDisposable {
  /** http://127.0.0.1:PORT, or https://localhost:PORT with a certificate. */
  readonly url: string;
  /** How many requests it answered itself. */
  readonly refused: number;
  /** The values of a header in all requests so far. */
  headers(name: string): readonly (string | undefined)[];
  /** The next so many requests, or all until pass(). */
  refuse(code: S3ErrorCode, times?: number): void;
  answer(status: number, body: string, times: number): void;
  /** From now on every request gets through. */
  pass(): void;
}

export async function startS3Front(target: string, certificate?: Certificate): Promise<S3Front> {
  const { hostname: host, port } = new URL(target);
  const seen: IncomingMessage[] = [];
  /** `times`: how many requests it is for. */
  let refusals: { readonly status: number; readonly body: string; times: number }[] = [];
  let refused = 0;
  const serve = (asked: IncomingMessage, answer: ServerResponse): void => {
    seen.push(asked);
    const refusal = refusals.find(({ times }) => times > 0);
    if (refusal !== undefined) {
      refusal.times -= 1;
      refused += 1;
      asked.resume();
      answer.writeHead(refusal.status, { 'Content-Type': 'application/xml' }).end(refusal.body);
      return;
    }
    // With the Host that was signed.
    const { method, url, headers } = asked;
    const passed = request({ host, port, method, path: url, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    asked.pipe(passed);
  };
  const server = certificate
    ? tlsServer({ cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) }, serve)
    : plainServer(serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  const answer: S3Front['answer'] = (status, body, times) => void refusals.push({ status, body, times });
  return {
    url: certificate ? `https://localhost:${own}` : `http://127.0.0.1:${own}`,
    get refused() {
      return refused;
    },
    headers: (name) => seen.map(({ headers }) => headers[name]?.toString()),
    refuse: (code, times = Number.POSITIVE_INFINITY) => {
      const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>As told.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>`;
      answer(STATUSES[code], body, times);
    },
    answer,
    pass: () => {
      refusals = [];
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
