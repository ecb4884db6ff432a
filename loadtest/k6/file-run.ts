import { randomBytes, sha256 } from 'k6/crypto';
import { b64encode } from 'k6/encoding';
import http from 'k6/http';
import { setTimeout } from 'k6/timers';
import { chunkCountOf, chunkPath, storedChunkBytes } from '../../src/protocol/file-transfers.ts';
import type { FileId } from '../../src/protocol/ids.ts';
import { storedFileBytes } from '../../src/protocol/layouts/file-inputs.ts';
import type { Parameters } from '../parameters.ts';
import type { Member } from './member.ts';
import * as metrics from './metrics.ts';
import { RequestFailed } from './session.ts';

const MINUTE_SECONDS = 60;
/** What a client would try again is tried for so long. */
const TRIED_MS_MAX = 60_000;
const PAUSE_MS = 250;
const LATER_STATUSES = [0, 429, 503];

/** A file of one run: who stores it, who fetches it, and what its chunks hold. */
interface Transfer {
  readonly sender: Member;
  readonly reader: Member;
  readonly dueMs: number;
  /** SHA-256 of each stored chunk. */
  readonly digests: string[];
}

interface Chunk {
  readonly file: FileId;
  readonly number: number;
  readonly ticket: Uint8Array;
}

/** Files of one room: at fixed times one of its members stores one, and another one fetches it and compares every byte. */
export class FileRun {
  readonly #members: readonly Member[];
  readonly #parameters: Parameters;
  readonly #storedBytes: number;
  readonly #count: number;
  #begun = 0;
  readonly #open = new Set<Transfer>();

  constructor(members: readonly Member[], parameters: Parameters) {
    this.#members = members.filter(({ address }) => !address.isSlow);
    this.#parameters = parameters;
    this.#storedBytes = storedFileBytes(parameters['file-bytes']);
    this.#count = Math.floor((parameters['files-per-minute'] * parameters.seconds) / MINUTE_SECONDS);
  }

  /** Files are due from `startMs` on at even distances, however long the earlier ones take. */
  start(startMs: number): void {
    const distanceMs = (MINUTE_SECONDS * 1_000) / this.#parameters['files-per-minute'];
    const next = (): void => {
      while (this.#begun < this.#count && startMs + this.#begun * distanceMs <= Date.now()) {
        void this.#move(this.#begun, startMs + this.#begun * distanceMs);
        this.#begun += 1;
      }
      if (this.#begun < this.#count)
        setTimeout(next, Math.max(0, startMs + this.#begun * distanceMs - Date.now()));
    };
    next();
  }

  get isDone(): boolean {
    return this.#begun === this.#count && this.#open.size === 0;
  }

  /** When the time is over: each that is still on its way counts as a failure, and with the time until now. */
  giveUp(): void {
    for (const { dueMs } of this.#open) {
      metrics.failed.add(1, { what: 'file' });
      metrics.fileMoved.add(Date.now() - dueMs);
    }
  }

  async #move(index: number, dueMs: number): Promise<void> {
    const [sender, reader] = [this.#memberAt(index), this.#memberAt(index + 1)];
    if (sender === undefined || reader === undefined) return;
    const transfer: Transfer = { sender, reader, dueMs, digests: [] };
    this.#open.add(transfer);
    metrics.filesDue.add(1);
    try {
      const file = await this.#store(transfer);
      metrics.fileStored.add(Date.now() - dueMs);
      await this.#fetch(transfer, file);
      metrics.filesMoved.add(1);
      metrics.fileMoved.add(Date.now() - dueMs);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      metrics.failed.add(1, { what: 'file' });
    } finally {
      this.#open.delete(transfer);
    }
  }

  async #store({ digests, sender }: Transfer): Promise<FileId> {
    const bytes = this.#storedBytes;
    const { file, ticket } = await sender.request('upload', { room: sender.address.room, bytes });
    for (let number = 0; number < chunkCountOf(bytes); number += 1) {
      // The server cannot tell them from encrypted ones.
      const chunk = randomBytes(storedChunkBytes(bytes, number) ?? 0);
      digests.push(sha256(chunk, 'hex'));
      await transferred('PUT', sender, { file, number, ticket }, chunk);
      metrics.fileBytesStored.add(chunk.byteLength);
    }
    await sender.request('finish', { file });
    return file;
  }

  async #fetch({ digests, reader }: Transfer, file: FileId): Promise<void> {
    const { bytes, ticket } = await reader.request('download', { room: reader.address.room, file });
    if (bytes !== this.#storedBytes) metrics.filesDiffering.add(1);
    for (const [number, digest] of digests.entries()) {
      const chunk = await transferred('GET', reader, { file, number, ticket });
      metrics.fileBytesFetched.add(chunk.byteLength);
      if (sha256(chunk, 'hex') !== digest) metrics.filesDiffering.add(1);
    }
  }

  #memberAt(index: number): Member | undefined {
    return this.#members[index % this.#members.length];
  }
}

/** One chunk, tried again as clients do while the gateway is busy or away. Rejects with RequestFailed. */
async function transferred(
  method: 'PUT' | 'GET',
  { address }: Member,
  { file, number, ticket }: Chunk,
  body?: ArrayBuffer,
): Promise<ArrayBuffer> {
  const url = address.url.replace(/^ws/, 'http') + chunkPath(file, number);
  const params = {
    headers: { Authorization: `Bearer ${b64encode(Uint8Array.from(ticket).buffer, 'rawurl')}` },
    responseType: 'binary',
    tags: { name: `${method} chunk` },
  } as const;
  const until = Date.now() + TRIED_MS_MAX;
  for (;;) {
    const answer = await http.asyncRequest(method, url, body ?? null, params);
    if (answer.status === 200) return answer.body;
    if (!LATER_STATUSES.includes(answer.status) || Date.now() > until)
      throw new RequestFailed(`${method} chunk`, `${answer.status}`);
    metrics.refusals.add(1, { code: answer.status === 429 ? 'rate_limited' : 'unavailable' });
    const seconds = Number(answer.headers['Retry-After'] ?? 0);
    await new Promise<void>((resolve) => void setTimeout(resolve, Math.max(PAUSE_MS, 1_000 * seconds)));
  }
}
