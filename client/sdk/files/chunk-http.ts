import { chunkPath } from '../../../src/protocol/file-transfers.ts';
import type { FileId } from '../../../src/protocol/ids.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import type { Clock } from '../connection/clock.ts';

/** An attempt that takes longer is given up. The gateway gives a chunk 60 seconds. */
const ATTEMPT_MS_MAX = 90_000;

/** One chunk, and what allows to move it. */
export interface TicketedChunk {
  readonly file: FileId;
  readonly number: number;
  readonly ticket: Uint8Array;
}

/**
 * - `later`: the same may succeed after a pause, of `pauseMs` if the server says so.
 * - `broken`: so it may after the connection ended without an answer, or took too long.
 * - `ticket`: it is over, or not for this.
 * - `gone`: the server has no such chunk, or takes none for this file.
 * - `conflict`: it has other bytes in this place.
 * - `refused`: for good, with an HTTP status.
 */
export type ChunkOutcome =
  | { readonly kind: 'done'; readonly bytes: Uint8Array }
  | { readonly kind: 'later' | 'broken'; readonly pauseMs: number; readonly cause: unknown }
  | { readonly kind: 'ticket' | 'gone' | 'conflict' }
  | { readonly kind: 'refused'; readonly status: number };

/** The platform's `fetch`, as far as it is used here. */
export type Fetch = typeof globalThis.fetch;

/** Moves single chunks over HTTP; one call is one attempt. */
export class ChunkHttp {
  readonly #base: string;
  readonly #clock: Clock;
  readonly #fetch: Fetch;

  constructor(origin: Origin, clock: Clock, fetch: Fetch = (...request) => globalThis.fetch(...request)) {
    this.#base = origin.replace(/^ws/, 'http');
    this.#clock = clock;
    this.#fetch = fetch;
  }

  put(chunk: TicketedChunk, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<ChunkOutcome> {
    return this.#attempt(chunk, { method: 'PUT', body: bytes }, 0, signal);
  }

  /** Gives exactly so many bytes. */
  get(chunk: TicketedChunk, byteCount: number, signal: AbortSignal): Promise<ChunkOutcome> {
    return this.#attempt(chunk, { method: 'GET' }, byteCount, signal);
  }

  async #attempt(
    { file, number, ticket }: TicketedChunk,
    init: RequestInit,
    byteCount: number,
    signal: AbortSignal,
  ): Promise<ChunkOutcome> {
    const abort = new AbortController();
    const stop = (): void => abort.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    const cancel = this.#clock.schedule(ATTEMPT_MS_MAX, () =>
      abort.abort(new Error('the chunk took too long')),
    );
    try {
      signal.throwIfAborted();
      const response = await this.#fetch(`${this.#base}${chunkPath(file, number)}`, {
        ...init,
        headers: { Authorization: `Bearer ${base64Url(ticket)}` },
        // The ticket is for this server alone.
        redirect: 'error',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        signal: abort.signal,
      });
      return await outcomeOf(response, byteCount);
    } catch (cause) {
      signal.throwIfAborted();
      return { kind: 'broken', pauseMs: 0, cause };
    } finally {
      cancel();
      signal.removeEventListener('abort', stop);
    }
  }
}

async function outcomeOf(response: Response, byteCount: number): Promise<ChunkOutcome> {
  if (response.ok) return { kind: 'done', bytes: await bodyOf(response, byteCount) };
  await response.body?.cancel();
  const { status } = response;
  switch (status) {
    case 401:
      return { kind: 'ticket' };
    case 404:
      return { kind: 'gone' };
    case 409:
      return { kind: 'conflict' };
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return { kind: 'later', pauseMs: retryAfterMs(response), cause: `${status}` };
    default:
      return { kind: 'refused', status };
  }
}

/** No more than was asked for is taken in, whatever the server sends. Throws when it is fewer. */
async function bodyOf(response: Response, byteCount: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(byteCount);
  let length = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (part?.value === undefined) break;
    if (length + part.value.length > byteCount) {
      await reader?.cancel();
      throw new RangeError('the server sent more than the chunk');
    }
    bytes.set(part.value, length);
    length += part.value.length;
  }
  if (length < byteCount) throw new RangeError('the server sent less than the chunk');
  return bytes;
}

function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
}

function base64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
