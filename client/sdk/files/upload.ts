import { sameBytes } from '../../../src/protocol/bytes.ts';
import { chunkCountOf } from '../../../src/protocol/file-transfers.ts';
import { type FileId, parseFileId, type RoomId, type UserId } from '../../../src/protocol/ids.ts';
import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import { paddedFileBytes, storedFileBytes } from '../../../src/protocol/layouts/file-inputs.ts';
import { FILE_CHUNK_BYTES, FILE_KEY_BYTES, UPLOAD_LIFE_MS } from '../../../src/protocol/limits.ts';
import type { ReplyBody, RequestBody, RequestName } from '../../../src/protocol/requests.ts';
import { FileCipher, RunningHash } from '../../crypto/file-chunks.ts';
import { randomBytes, sha256 } from '../../crypto/web-crypto.ts';
import type { Clock } from '../connection/clock.ts';
import type { Link } from '../connection/link.ts';
import { ConclaveError, hasCode, localError } from '../errors.ts';
import { deleteRecord, parseRecord, putRecord, uploadRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';
import type { ChunkHttp } from './chunk-http.ts';
import { ChunkMover, inOrder } from './chunk-mover.ts';
import { type FileSource, stoppable, type TransferOptions, unlessAborted } from './file-source.ts';

/** A source that changes while it is read, or a server that keeps other chunks, is given up after so many new beginnings. */
const BEGINNINGS_MAX = 3;

export interface UploadParts {
  readonly account: { readonly user: UserId };
  readonly link: Link;
  readonly clock: Clock;
  readonly state: StateStore;
  readonly http: ChunkHttp;
  /** Files that uploads of this client are storing: the same content sent once more meanwhile is another file. */
  readonly underWay: Set<FileId>;
  readonly timeoutMs: number | undefined;
}

/** What a source was when it was read for the first time. */
interface Measured {
  readonly hash: Uint8Array;
  /** SHA-256 of each chunk, without padding. */
  readonly chunks: readonly Uint8Array[];
}

interface Begun {
  readonly file: FileId;
  readonly key: Uint8Array;
  readonly ticket: Uint8Array;
  readonly held: ReadonlySet<number>;
}

/** Another beginning, with a new file and a new key, may succeed. The message is for reports. */
class StartAnew extends Error {
  override readonly name = 'StartAnew';
}

/**
 * Encrypts a source and stores it in a room. The first reading gives its hash, which the keys of its chunks hang on; the second one
 * encrypts only what still has the hash of the first. So a chunk's key and nonce never meet two plaintexts, whatever becomes of the
 * source, and however often an upload is continued. Until it is finished, its id, hash and key are kept in the storage.
 */
export class Upload {
  readonly #parts: UploadParts;
  readonly #room: RoomId;
  readonly #source: FileSource;
  readonly #options: TransferOptions;
  readonly #signal: AbortSignal;
  readonly #claimed: FileId[] = [];

  constructor(parts: UploadParts, room: RoomId, source: FileSource, options: TransferOptions) {
    this.#parts = parts;
    this.#room = room;
    this.#source = source;
    this.#options = options;
    this.#signal = options.signal ?? new AbortController().signal;
  }

  /** Rejects with ConclaveError, or the signal's reason. */
  async run(): Promise<SharedFile> {
    try {
      return await this.#run();
    } finally {
      for (const file of this.#claimed) this.#parts.underWay.delete(file);
    }
  }

  async #run(): Promise<SharedFile> {
    const { name, type, size, width, height, thumbnail } = this.#source;
    const { link } = this.#parts;
    const most = link.greeting?.limits.fileBytes;
    if (most !== undefined && storedFileBytes(size) > most)
      throw localError('too_large', 'file_too_large', { size: most });
    for (let beginning = 1; ; beginning += 1) {
      const measured = await this.#measure();
      const begun = await this.#begin(measured.hash);
      const { file, key } = begun;
      try {
        await stoppable(this.#signal, (stop) => this.#complete(measured, begun, stop));
        await this.#forget(file);
        const shown = { ...(width !== undefined && { width }), ...(height !== undefined && { height }) };
        const picture = { ...shown, ...(thumbnail !== undefined && { thumbnail }) };
        return { file, key, name, type, size, hash: measured.hash, ...picture };
      } catch (error) {
        if (!(error instanceof StartAnew)) throw error;
        await this.#forget(file);
        // It would count as an unfinished upload for an hour. What takes no more chunks may have been finished by another process.
        if (error.message !== 'gone') await this.#discard(file).catch(() => undefined);
        if (beginning >= BEGINNINGS_MAX) throw localError('usage', 'file_changed', {}, error);
      }
    }
  }

  async #measure(): Promise<Measured> {
    const { size } = this.#source;
    const whole = new RunningHash();
    const chunks: Uint8Array[] = [];
    for (let offset = 0; offset < size; offset += FILE_CHUNK_BYTES) {
      this.#signal.throwIfAborted();
      const part = await this.#read(offset);
      whole.update(part);
      chunks.push(await sha256(part));
      this.#tell('hashing', offset + part.length);
    }
    return { hash: whole.digest(), chunks };
  }

  /** Stores what is missing, until the server has all of it. */
  async #complete(measured: Measured, begun: Begun, stop: AbortController): Promise<void> {
    const cipher = await FileCipher.of({ ...begun, hash: measured.hash });
    const mover = new ChunkMover(begun.ticket, {
      ...this.#parts,
      ...{ signal: stop.signal, isPatient: this.#options.isPatient },
      renew: async () => (await this.#continued(begun.file)).ticket,
    });
    const count = chunkCountOf(storedFileBytes(this.#source.size));
    for (let held = begun.held; ; ) {
      const missing = Array.from({ length: count }, (_, number) => number).filter(
        (number) => !held.has(number),
      );
      let moved = this.#bytesOf([...held]);
      this.#tell('uploading', moved);
      await inOrder(
        missing,
        stop,
        (number) =>
          this.#put(number, { cipher, mover, measured, file: begun.file, count, signal: stop.signal }),
        (_, number) => {
          moved += this.#bytesOf([number]);
          this.#tell('uploading', moved);
        },
      );
      if (await this.#finished(begun.file)) return;
      const again = (await this.#continued(begun.file)).held;
      // A server that says both that nothing and that something is missing.
      if (again.size === count) throw localError('unavailable', 'transfer_failed');
      held = again;
    }
  }

  async #put(
    number: number,
    on: {
      readonly cipher: FileCipher;
      readonly mover: ChunkMover;
      readonly measured: Measured;
      readonly file: FileId;
      readonly count: number;
      readonly signal: AbortSignal;
    },
  ): Promise<void> {
    const { cipher, mover, measured, file, count, signal } = on;
    const plaintext = await this.#plaintext(number, measured);
    const sealed = await cipher.seal({ number, isLast: number === count - 1 }, plaintext);
    const outcome = await mover.move((ticket) =>
      this.#parts.http.put({ file, number, ticket }, sealed, signal),
    );
    if (typeof outcome === 'string') throw new StartAnew(outcome);
  }

  /** Padded, and the same as at the first reading. */
  async #plaintext(number: number, { chunks }: Measured): Promise<Uint8Array> {
    const padded = paddedFileBytes(this.#source.size);
    const offset = number * FILE_CHUNK_BYTES;
    const plaintext = new Uint8Array(Math.min(FILE_CHUNK_BYTES, padded - offset));
    const expected = chunks[number];
    if (expected === undefined) return plaintext;
    const part = await this.#read(offset);
    if (!sameBytes(await sha256(part), expected)) throw new StartAnew('source_changed');
    plaintext.set(part);
    return plaintext;
  }

  async #begin(hash: Uint8Array): Promise<Begun> {
    const { clock, state } = this.#parts;
    const kept = await this.#kept(hash);
    if (kept !== undefined) {
      const continued = await this.#continued(kept.file).catch((error: unknown) => {
        if (hasCode(error, 'no_such_file')) return undefined;
        throw error;
      });
      if (continued !== undefined) return { ...kept, ...continued };
      await this.#forget(kept.file);
    }
    const bytes = storedFileBytes(this.#source.size);
    const { file, ticket } = await this.#request('upload', { room: this.#room, bytes });
    this.#claim(file);
    const record = { room: this.#room, hash, key: randomBytes(FILE_KEY_BYTES), at: clock.wallTime() };
    await putRecord(state, 'uploads', file, uploadRecord, record);
    return { file, ticket, key: record.key, held: new Set() };
  }

  /** An upload of the same content to this room that is not finished. Keys of those that are over are dropped. */
  async #kept(hash: Uint8Array): Promise<Pick<Begun, 'file' | 'key'> | undefined> {
    const { clock, state, underWay } = this.#parts;
    let found: Pick<Begun, 'file' | 'key'> | undefined;
    for (const { key: id, value } of await state.list('uploads')) {
      const record = parseRecord(uploadRecord, value);
      const file = parseFileId(id);
      if (record === undefined || file === undefined || clock.wallTime() >= record.at + UPLOAD_LIFE_MS)
        await deleteRecord(state, 'uploads', id);
      else if (record.room === this.#room && sameBytes(record.hash, hash) && !underWay.has(file))
        found = { file, key: record.key };
    }
    if (found !== undefined) this.#claim(found.file);
    return found;
  }

  #claim(file: FileId): void {
    this.#claimed.push(file);
    this.#parts.underWay.add(file);
  }

  #discard(file: FileId): Promise<unknown> {
    return this.#request('discard', { room: this.#room, file, uploader: this.#parts.account.user });
  }

  #forget(file: FileId): Promise<void> {
    return deleteRecord(this.#parts.state, 'uploads', file);
  }

  async #continued(
    file: FileId,
  ): Promise<{ readonly ticket: Uint8Array; readonly held: ReadonlySet<number> }> {
    const { ticket, held } = await this.#request('continue-upload', { file });
    const numbers = new Set<number>();
    for (const [at, bits] of held.entries())
      for (let bit = 0; bit < 8; bit += 1) if ((bits & (1 << bit)) !== 0) numbers.add(8 * at + bit);
    return { ticket, held: numbers };
  }

  /** False: chunks are missing. */
  async #finished(file: FileId): Promise<boolean> {
    try {
      await this.#request('finish', { file });
      return true;
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      if (error.code === 'upload_incomplete') return false;
      if (error.code === 'no_such_file') throw new StartAnew('no_such_file');
      throw error;
    }
  }

  #request<Name extends RequestName>(name: Name, body: RequestBody<Name>): Promise<ReplyBody<Name>> {
    const { link, timeoutMs } = this.#parts;
    const options = { timeoutMs: this.#options.isPatient === true ? undefined : timeoutMs };
    return unlessAborted(this.#signal, link.request(name, body, options));
  }

  async #read(offset: number): Promise<Uint8Array> {
    const { size } = this.#source;
    const length = Math.min(FILE_CHUNK_BYTES, size - offset);
    const part = await unlessAborted(this.#signal, this.#source.read(offset, length));
    if (part.length !== length) throw localError('usage', 'file_changed');
    return part;
  }

  /** Of the source, in these chunks. */
  #bytesOf(numbers: readonly number[]): number {
    const { size } = this.#source;
    return numbers.reduce(
      (sum, number) => sum + Math.max(0, Math.min(FILE_CHUNK_BYTES, size - number * FILE_CHUNK_BYTES)),
      0,
    );
  }

  #tell(step: 'hashing' | 'uploading', done: number): void {
    this.#options.onProgress?.({ step, done, total: this.#source.size });
  }
}
