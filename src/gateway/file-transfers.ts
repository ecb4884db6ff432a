import type { Core } from '../core/core.ts';
import type { FileTicket, FileVerb } from '../core/file-tickets.ts';
import { TokenBucket } from '../domain/token-bucket.ts';
import { boundedCache } from '../lib/bounded-cache.ts';
import type { FileTransferOutcome } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import { type FileErrorName, storedChunkBytes } from '../protocol/file-transfers.ts';
import { parseFileId, type UserId } from '../protocol/ids.ts';
import type { Rate } from '../protocol/limits.ts';

/** Chunks that one user moves through this node at a time. */
export const FILE_TRANSFERS_USER_MAX = 16;
/** Users whose downloads are counted; the one that downloaded longest ago begins with a full bucket again. */
export const DOWNLOADERS_MAX = 20_000;
/** When a busy node may have room again. */
const BUSY_RETRY_MS = 1_000;

export interface FileTransferLimits {
  isAllowedOrigin(origin: string): boolean;
  readonly maxFileTransfers: number;
  readonly rateDownloadBytesUser: Rate;
}

/** What HTTP says of one chunk. Absent headers are empty. */
export interface ChunkRequest {
  readonly verb: FileVerb;
  /** The last two segments of the path. */
  readonly file: string;
  readonly number: string;
  readonly authorization: string;
  readonly contentLength: string;
  /** Browsers name the origin of the page. */
  readonly origin: string;
}

export interface FileRefusal {
  readonly refused: FileErrorName;
  readonly retryAfterMs?: number;
}

const BUSY: FileRefusal = { refused: 'unavailable', retryAfterMs: BUSY_RETRY_MS };

export function isFileRefusal(value: object): value is FileRefusal {
  return 'refused' in value;
}

/** Chunks of files on their way through this node, each allowed by a ticket. No more than a chunk of each is in memory. */
export class FileTransfers {
  readonly #core: Core;
  readonly #limits: FileTransferLimits;
  readonly #ofUsers = new Map<UserId, number>();
  readonly #downloads = boundedCache<UserId, TokenBucket>(DOWNLOADERS_MAX);
  #count = 0;

  constructor(core: Core, limits: FileTransferLimits) {
    this.#core = core;
    this.#limits = limits;
    core.telemetry.fileTransfersMax(limits.maxFileTransfers);
  }

  /** Browsers always name the page's origin; other programs name none. */
  mayCome(origin: string): boolean {
    return origin === '' || this.#limits.isAllowedOrigin(origin);
  }

  /** Asks no store. What it gives, but for a refusal, must be ended. */
  begin(request: ChunkRequest): ChunkTransfer | FileRefusal {
    const begun = this.#begun(request);
    if (isFileRefusal(begun)) this.#core.telemetry.fileTransferDone(request.verb, begun.refused, 0);
    return begun;
  }

  #begun(request: ChunkRequest): ChunkTransfer | FileRefusal {
    const { verb, file, number: numberText, authorization, contentLength, origin } = request;
    if (!this.mayCome(origin)) return { refused: 'wrong_origin' };
    const number = /^(0|[1-9]\d{0,5})$/.test(numberText) ? Number(numberText) : undefined;
    if (parseFileId(file) === undefined || number === undefined) return { refused: 'bad_request' };
    const ticket = this.#core.fileTickets.verify(bearerOf(authorization), this.#core.clock.nowMs());
    if (ticket === 'unknown_secret') return BUSY;
    if (ticket === undefined || ticket.verb !== verb || ticket.file !== file)
      return { refused: 'unauthorized' };
    const bytes = storedChunkBytes(ticket.bytes, number);
    if (bytes === undefined) return { refused: 'not_found' };
    if (verb === 'put' && contentLength !== String(bytes)) return { refused: 'wrong_length' };
    return this.#admitted(ticket, number, bytes);
  }

  #admitted(ticket: FileTicket, number: number, bytes: number): ChunkTransfer | FileRefusal {
    const { user, verb } = ticket;
    if (this.#count >= this.#limits.maxFileTransfers) return BUSY;
    const own = this.#ofUsers.get(user) ?? 0;
    if (own >= FILE_TRANSFERS_USER_MAX) return { refused: 'rate_limited', retryAfterMs: BUSY_RETRY_MS };
    const waitMs = verb === 'get' ? this.#downloadWaitMs(user, bytes) : 0;
    if (waitMs > 0) {
      this.#core.telemetry.rateLimited('download_bytes_user');
      return { refused: 'rate_limited', retryAfterMs: waitMs };
    }
    this.#count += 1;
    this.#ofUsers.set(user, own + 1);
    this.#core.telemetry.fileTransfers(1);
    return new ChunkTransfer(this.#core, { ticket, number, bytes }, () => this.#ended(user));
  }

  #ended(user: UserId): void {
    this.#count -= 1;
    const own = (this.#ofUsers.get(user) ?? 1) - 1;
    if (own > 0) this.#ofUsers.set(user, own);
    else this.#ofUsers.delete(user);
    this.#core.telemetry.fileTransfers(-1);
  }

  #downloadWaitMs(user: UserId, bytes: number): number {
    const nowMs = performance.now();
    const kept = this.#downloads.get(user);
    const bucket = kept ?? new TokenBucket(this.#limits.rateDownloadBytesUser, nowMs);
    if (kept === undefined) this.#downloads.set(user, bucket);
    return bucket.take(nowMs, bytes);
  }
}

interface ChunkOnItsWay {
  readonly ticket: FileTicket;
  readonly number: number;
  readonly bytes: number;
}

/** One chunk that may be moved. Counts against the limits until it is ended. */
export class ChunkTransfer {
  /** The chunk's length. */
  readonly bytes: number;
  readonly #core: Core;
  readonly #chunk: ChunkOnItsWay;
  readonly #freed: () => void;
  #isEnded = false;

  constructor(core: Core, chunk: ChunkOnItsWay, freed: () => void) {
    this.bytes = chunk.bytes;
    this.#core = core;
    this.#chunk = chunk;
    this.#freed = freed;
  }

  /** Undefined: it is stored. Never rejects. */
  async store(bytes: Uint8Array): Promise<FileRefusal | undefined> {
    const { ticket, number } = this.#chunk;
    const outcome = await this.#unlessUnavailable(() =>
      this.#core.stores.files.put(ticket.file, number, bytes),
    );
    if (typeof outcome === 'object') return outcome;
    if (outcome === 'conflict') return { refused: 'conflict' };
    return outcome === 'gone' ? { refused: 'not_found' } : undefined;
  }

  /** Never rejects. */
  async read(): Promise<Uint8Array | FileRefusal> {
    const { ticket, number } = this.#chunk;
    const bytes = await this.#unlessUnavailable(() => this.#core.stores.files.chunk(ticket.file, number));
    return bytes ?? { refused: 'not_found' };
  }

  /** Only the first call counts. */
  end(outcome: FileTransferOutcome): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const { ticket, bytes } = this.#chunk;
    this.#core.telemetry.fileTransferDone(ticket.verb, outcome, outcome === 'ok' ? bytes : 0);
    this.#freed();
  }

  async #unlessUnavailable<T>(work: () => Promise<T>): Promise<T | FileRefusal> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Unavailable)) this.#core.telemetry.warn('file_transfer_failed', error);
      return BUSY;
    }
  }
}

function bearerOf(authorization: string): Uint8Array {
  const text = /^Bearer +([\w-]+)$/i.exec(authorization)?.[1] ?? '';
  return new Uint8Array(Buffer.from(text, 'base64url'));
}
