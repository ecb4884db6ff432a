import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { STORED_CHUNK_BYTES } from '../../../src/protocol/file-transfers.ts';
import { WEBSOCKET_PATH } from '../../../src/protocol/limits.ts';
import { RELAY_PATH } from '../../sdk/connection/relay.ts';

/** 256 bits: nobody guesses them in the time that a relay runs. */
const SECRET_BYTES = 32;
const CHUNK_PATH = /^\/v1\/files\/[\w-]{1,64}\/\d{1,9}$/;
const WEBSOCKET_KEY = /^[A-Za-z0-9+/]{22}==$/;

export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** What a request is for, or the HTTP status of its refusal. */
export type Relayed =
  | { readonly kind: 'hello' }
  | { readonly kind: 'connection'; readonly key: string; readonly protocols: string }
  | { readonly kind: 'chunk'; readonly method: 'GET' | 'PUT'; readonly path: string };

/**
 * Who may use a relay: the page of this start of it. Whoever leads a browser here under another name (DNS rebinding), a page of another
 * site, and another user of this machine know neither the secret nor can they read it.
 */
export class RelayGuard {
  readonly #host: string;
  readonly #secret: string;

  /** `host`: `127.0.0.1:port`. */
  constructor(host: string, secret: string) {
    this.#host = host;
    this.#secret = secret;
  }

  /** Under any other name it is not this machine that the browser means. */
  isMeant({ headers }: IncomingMessage): boolean {
    return headers.host === this.#host;
  }

  /** Undefined: it is for no relay, but for a file of the page. */
  judge(request: IncomingMessage): Relayed | number | undefined {
    const { headers, method = '', url = '' } = request;
    if (!url.startsWith(RELAY_PATH)) return undefined;
    const [secret = '', ...rest] = url.slice(RELAY_PATH.length).split('/');
    const isUpgrade = headers.upgrade !== undefined;
    const { origin, 'sec-fetch-site': site } = headers;
    // Browsers send no Origin with GET to the page's own server, and always one with the other two.
    const isOwn = origin === undefined ? method === 'GET' && !isUpgrade : origin === `http://${this.#host}`;
    if (!isOwn || (site !== undefined && site !== 'same-origin')) return 403;
    if (!this.#knows(secret)) return 403;
    const path = rest.length === 0 ? '' : `/${rest.join('/')}`;
    if (path === '') return method === 'GET' && !isUpgrade ? { kind: 'hello' } : 405;
    if (path === WEBSOCKET_PATH) return isUpgrade ? connectionOf(request) : 426;
    return CHUNK_PATH.test(path) && !isUpgrade ? chunkOf(request, path) : 404;
  }

  /** Whatever is given, the comparison takes the same time. */
  #knows(given: string): boolean {
    return timingSafeEqual(sha256(given), sha256(this.#secret));
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

function connectionOf({ headers }: IncomingMessage): Relayed | number {
  const { 'sec-websocket-key': key = '', 'sec-websocket-protocol': protocols = '' } = headers;
  const isWebSocket = headers.upgrade?.toLowerCase() === 'websocket' && WEBSOCKET_KEY.test(key);
  return isWebSocket ? { kind: 'connection', key, protocols } : 400;
}

function chunkOf({ headers, method }: IncomingMessage, path: string): Relayed | number {
  if (method === 'GET') return { kind: 'chunk', method, path };
  if (method !== 'PUT') return 405;
  const length = headers['content-length'] ?? '';
  if (!/^\d{1,9}$/.test(length)) return 411;
  return Number(length) > STORED_CHUNK_BYTES ? 413 : { kind: 'chunk', method, path };
}
