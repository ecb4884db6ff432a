import {
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as plainRequest,
} from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Origin } from '../../../src/protocol/origin.ts';

/** A server that takes longer to begin an answer is given up. The gateway gives a chunk 60 seconds. */
const SILENCE_MS_MAX = 90_000;

/** Begins a request to the server behind a relay. Nothing of the browser goes there but what `headers` names. */
export function requestTo(
  server: Origin,
  path: string,
  { method, headers }: { readonly method: string; readonly headers: OutgoingHttpHeaders },
): ClientRequest {
  const begin = server.startsWith('wss:') ? tlsRequest : plainRequest;
  const request = begin(`${server.replace(/^ws/, 'http')}${path}`, { method, headers, agent: false });
  request.setTimeout(SILENCE_MS_MAX, () => request.destroy(new Error('the server did not answer in time')));
  return request;
}

/** Of what the other side sent, these headers and no others. */
export function chosenHeaders(
  { headers }: IncomingMessage,
  names: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value] as const] : [];
    }),
  );
}
