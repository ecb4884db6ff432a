import { sameBytes } from '../../../src/protocol/bytes.ts';
import { userId } from '../../../src/protocol/entities.ts';
import {
  fingerprintBytes,
  ID_BYTES,
  idBytes,
  type MessageId,
  parseMessageId,
  type RoomId,
  type UserId,
} from '../../../src/protocol/ids.ts';
import { encodeContent, parseContent } from '../../../src/protocol/layouts/content.ts';
import { CIPHERTEXT_BYTES_MAX, HASH_BYTES } from '../../../src/protocol/limits.ts';
import { encode } from '../../../src/protocol/message-pack.ts';
import {
  bytes,
  bytesUpTo,
  list,
  map,
  oneOf,
  optional,
  type Parsed,
  uint,
} from '../../../src/protocol/shape.ts';
import type { OpenedMessage, ReceivedCopy } from '../../crypto/suite.ts';
import { sha256 } from '../../crypto/web-crypto.ts';
import type { Clock } from '../connection/clock.ts';
import type { CacheChange, CacheTerms, MessageCache } from '../storage/message-cache.ts';
import { packRecord, parseRecord } from '../storage/records.ts';
import { emptiedContent } from './message-content.ts';

/** Records wait to be written together, so that reading many messages costs few synced writes. */
const PENDING_MAX = 256;
const PENDING_BYTES_MAX = 1024 * 1024;
const WRITE_WITHIN_MS = 1_000;

/** A record of the cache: what a message held, and, by the hash of header, ciphertext and wrap, which copy it was. */
const openedRecord = map({
  copy: bytes(HASH_BYTES),
  content: bytesUpTo(CIPHERTEXT_BYTES_MAX),
  id: bytes(ID_BYTES),
  user: userId,
  /** Fingerprint of the key that signed it; absent in records of earlier releases. */
  key: optional(bytes(HASH_BYTES)),
  at: uint(),
  /** The sender's own time; absent in records of earlier releases. */
  sentAt: optional(uint()),
  marks: list(oneOf('late', 'recipients_differ', 'order_contradicted'), 3),
});

/** A sender took a message back. */
export interface Retraction {
  readonly user: UserId;
  readonly of: MessageId;
}

interface ErasedPlace {
  readonly room: RoomId;
  readonly seq: number;
  readonly id: MessageId;
}

/** In the place of what was taken back. */
const NO_TEXT = encodeContent({ type: 'text', text: '' });
/** Retractions that this process remembers; what they are about may be read after them. */
const RETRACTIONS_MAX = 10_000;

export interface OpenedEntry {
  readonly room: RoomId;
  readonly seq: number;
  readonly record: Parsed<typeof openedRecord>;
}

/**
 * What was opened before need not be decrypted again. Only what opened without fault is kept, and it is taken only for
 * exactly the same bytes; whatever else decides about a message is looked at each time. Without a cache, or with one that
 * fails, everything is opened afresh: nothing here rejects, but `entries`.
 */
export class OpenedMessages {
  readonly #cache: MessageCache | undefined;
  readonly #clock: Clock;
  /** Batches, the one that is being filled first, then those that are being written. */
  #batches: readonly Batch[] = [new Map()];
  #pendingBytes = 0;
  #turn: Promise<void> = Promise.resolve();
  #cancelFlush: (() => void) | undefined;
  readonly #retracted = new Set<string>();
  /** Rooms in whose records something may stand that was taken back. */
  readonly #unswept = new Set<RoomId>();
  #sweeping: Promise<void> = Promise.resolve();

  constructor(cache: MessageCache | undefined, clock: Clock) {
    this.#cache = cache;
    this.#clock = clock;
  }

  /** The content of exactly this copy, if it opened before. */
  async recall(copy: ReceivedCopy): Promise<Uint8Array | undefined> {
    const record = parseRecord(openedRecord, await this.#stored(copy.room, copy.seq));
    if (record === undefined || !sameBytes(record.copy, await digestOf(copy))) return undefined;
    return record.content;
  }

  /** Keeps what a copy turned out to be, or forgets what stood there when it has a fault. */
  async settle(copy: ReceivedCopy, opened: OpenedMessage): Promise<void> {
    if (this.#cache === undefined) return;
    const { room, seq } = copy;
    const at = Math.min(copy.at, this.#clock.wallTime());
    const stored = await this.#stored(room, seq);
    if (opened.status !== 'ok') {
      if (stored !== undefined) await this.#write({ room, seq, at, value: undefined });
      return;
    }
    const value = packRecord(openedRecord, {
      copy: await digestOf(copy),
      content: this.#kept(room, copy.from, opened.header.messageId, opened.encoded),
      id: idBytes(opened.header.messageId),
      user: copy.from,
      key: fingerprintBytes(opened.header.senderFingerprint),
      at: copy.at,
      sentAt: opened.header.sentAt,
      marks: opened.marks,
    });
    if (stored === undefined || !sameBytes(stored, value)) await this.#write({ room, seq, at, value });
  }

  /** Their texts are kept no longer, wherever in the cache they are, and are not kept when they are read again. */
  retracted(room: RoomId, retractions: readonly Retraction[]): void {
    const fresh = retractions.filter(({ user, of }) => !this.#isRetracted(room, user, of));
    if (this.#cache === undefined || fresh.length === 0) return;
    for (const { user, of } of fresh) this.#retracted.add(retractionKey(room, user, of));
    for (const oldest of this.#retracted) {
      if (this.#retracted.size <= RETRACTIONS_MAX) break;
      this.#retracted.delete(oldest);
    }
    this.#unswept.add(room);
    this.#flushSoon();
  }

  /** Its text has disappeared: only its place is kept, as if that was all that was sent. */
  async erase({ room, seq, id }: ErasedPlace): Promise<void> {
    const record = parseRecord(openedRecord, await this.#stored(room, seq));
    const parsed = record && parseContent(record.content);
    if (record === undefined || parsed?.ok !== true || parseMessageId(record.id) !== id) return;
    const value = packRecord(openedRecord, {
      ...record,
      content: encodeContent(emptiedContent(parsed.content)),
    });
    await this.#write({ room, seq, at: record.at, value });
  }

  /** One look at a room for all that was taken back meanwhile: a flood of retractions costs no more than a few. */
  async #sweep(cache: MessageCache): Promise<void> {
    const rooms = [...this.#unswept];
    this.#unswept.clear();
    for (const room of rooms) {
      for await (const { seq, value } of cache.newest(room, this.#clock.wallTime())) {
        const record = parseRecord(openedRecord, value);
        if (record === undefined) continue;
        const content = this.#kept(room, record.user, parseMessageId(record.id), record.content);
        if (sameBytes(record.content, content)) continue;
        await this.#write({
          ...{ room, seq, at: record.at },
          value: packRecord(openedRecord, { ...record, content }),
        });
      }
    }
    await this.#writePending();
  }

  /** The content without a text that its sender took back. An edit holds a text of its message; other actions hold none. */
  #kept(room: RoomId, user: UserId, id: MessageId | undefined, encoded: Uint8Array): Uint8Array {
    const parsed = parseContent(encoded);
    if (!parsed.ok) return encoded;
    const { content } = parsed;
    switch (content.type) {
      case 'retract':
      case 'react':
      case 'remove':
        return encoded;
      case 'edit':
        return this.#isRetracted(room, user, content.of)
          ? encodeContent({ type: 'edit', of: content.of, body: { text: '' } })
          : encoded;
      default:
        return id !== undefined && this.#isRetracted(room, user, id) ? NO_TEXT : encoded;
    }
  }

  #isRetracted(room: RoomId, user: UserId, of: MessageId): boolean {
    return this.#retracted.has(retractionKey(room, user, of));
  }

  /** What may be kept of a room, as its settings are now. */
  terms(room: RoomId, terms: CacheTerms): Promise<void> {
    return this.#inTurn((cache) => cache.terms(room, terms, this.#clock.wallTime()));
  }

  /** The user is no longer a member: nothing of the room stays. */
  forget(room: RoomId): Promise<void> {
    for (const [key, change] of this.#pending) if (change.room === room) this.#pending.delete(key);
    this.#unswept.delete(room);
    return this.#inTurn((cache) => cache.forget(room));
  }

  /** Nothing of the account stays. */
  clear(): Promise<void> {
    this.#pending.clear();
    this.#unswept.clear();
    return this.#inTurn((cache) => cache.clear());
  }

  /** Everything kept of one room, or of all, newest first. Undefined without a cache. */
  entries(room: RoomId | undefined): AsyncIterable<OpenedEntry> | undefined {
    return this.#cache === undefined ? undefined : this.#entries(this.#cache, room);
  }

  /** Writes what waits, without what was taken back. */
  async flush(): Promise<void> {
    await this.#writePending();
    const cache = this.#cache;
    if (cache !== undefined && this.#unswept.size > 0)
      this.#sweeping = this.#sweeping.then(() => this.#sweep(cache)).catch(() => undefined);
    await this.#sweeping;
  }

  async #writePending(): Promise<void> {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const batch = this.#pending;
    if (batch.size === 0) return this.#turn;
    this.#batches = [new Map(), ...this.#batches];
    this.#pendingBytes = 0;
    await this.#inTurn((cache) => cache.write([...batch.values()], this.#clock.wallTime()));
    this.#batches = this.#batches.filter((other) => other !== batch);
  }

  #flushSoon(): void {
    this.#cancelFlush ??= this.#clock.schedule(WRITE_WITHIN_MS, () => void this.flush());
  }

  async *#entries(cache: MessageCache, only: RoomId | undefined): AsyncGenerator<OpenedEntry> {
    await this.flush();
    for await (const { room, seq, value } of cache.newest(only, this.#clock.wallTime())) {
      const record = parseRecord(openedRecord, value);
      if (record !== undefined) yield { room, seq, record };
    }
  }

  get #pending(): Batch {
    return this.#batches[0] ?? new Map();
  }

  async #stored(room: RoomId, seq: number): Promise<Uint8Array | undefined> {
    const key = keyOf(room, seq);
    for (const batch of this.#batches) {
      const change = batch.get(key);
      if (change !== undefined) return change.value;
    }
    return this.#cache?.get(room, seq).catch(() => undefined);
  }

  async #write(change: CacheChange): Promise<void> {
    this.#pending.set(keyOf(change.room, change.seq), change);
    this.#pendingBytes += change.value?.length ?? 0;
    if (this.#pending.size >= PENDING_MAX || this.#pendingBytes >= PENDING_BYTES_MAX)
      return this.#writePending();
    this.#flushSoon();
  }

  /** One after the other, in the order of the calls. A cache that fails is one that forgot. */
  #inTurn(work: (cache: MessageCache) => Promise<void>): Promise<void> {
    const cache = this.#cache;
    if (cache === undefined) return Promise.resolve();
    this.#turn = this.#turn.then(() => work(cache)).catch(() => undefined);
    return this.#turn;
  }
}

type Batch = Map<string, CacheChange>;

const retractionKey = (room: RoomId, user: UserId, of: MessageId): string => `${room}.${user}.${of}`;

function keyOf(room: RoomId, seq: number): string {
  return `${room}.${seq}`;
}

function digestOf({ header, ciphertext, wrap }: ReceivedCopy): Promise<Uint8Array> {
  return sha256(encode([header, ciphertext, wrap]));
}
