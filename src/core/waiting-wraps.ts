import type { Telemetry } from '../ports/telemetry.ts';
import { concatBytes, toHex } from '../protocol/bytes.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import { EPOCH_PART_LIFE_MS } from '../protocol/limits.ts';

/** Wraps of keying 2 for 2,000 members are 2.9 MB. */
export const WAITING_WRAPS_USER_BYTES: number = 4 * 1024 * 1024;
export const WAITING_WRAPS_NODE_BYTES: number = 64 * 1024 * 1024;
const RETRY_MS = 1_000;

/** The parts of one epoch's wraps, in memory. */
interface Parts {
  readonly user: UserId;
  readonly bodyHash: string;
  readonly parts: Map<number, Uint8Array>;
  byteCount: number;
  /** When the last part came, milliseconds of a clock that is never set. */
  touchedAtMs: number;
}

/**
 * Wraps that came before the epoch which they belong to, by who sent them. They are in the memory of the node that the client is
 * connected to, which gets the epoch, too: if it dies, so does the connection, and the client sends them again to another.
 */
export class WaitingWraps {
  /** By user and room, in the order in which they were last touched. */
  readonly #waiting = new Map<string, Parts>();
  readonly #byUser = new Map<UserId, number>();
  readonly #telemetry: Pick<Telemetry, 'waitingWrapBytes'>;
  readonly #nowMs: () => number;
  #byteCount = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(telemetry: Pick<Telemetry, 'waitingWrapBytes'>, nowMs: () => number = () => performance.now()) {
    this.#telemetry = telemetry;
    this.#nowMs = nowMs;
  }

  /** Undefined: it is kept. */
  put(
    at: { readonly user: UserId; readonly room: RoomId },
    {
      bodyHash,
      part,
      bytes,
    }: { readonly bodyHash: Uint8Array; readonly part: number; readonly bytes: Uint8Array },
  ): Refusal | undefined {
    this.#dropOld();
    const hash = toHex(bodyHash);
    const key = keyOf(at);
    const before = this.#waiting.get(key);
    if (before !== undefined && before.bodyHash !== hash) this.#drop(key, before);
    const same = this.#waiting.get(key);
    const change = bytes.length - (same?.parts.get(part)?.length ?? 0);
    const ofUser = (this.#byUser.get(at.user) ?? 0) + change;
    if (ofUser > WAITING_WRAPS_USER_BYTES)
      return refuse('too_large', { message: 'too many bytes of wraps wait for their epoch' });
    if (this.#byteCount + change > WAITING_WRAPS_NODE_BYTES)
      return refuse('unavailable', { message: 'too many wraps wait on this node', retryAfterMs: RETRY_MS });
    const kept = same ?? {
      user: at.user,
      bodyHash: hash,
      parts: new Map(),
      byteCount: 0,
      touchedAtMs: 0,
    };
    // A copy: what came in with it is let go.
    kept.parts.set(part, bytes.slice());
    kept.byteCount += change;
    kept.touchedAtMs = this.#nowMs();
    this.#count(at.user, change);
    this.#waiting.delete(key);
    this.#waiting.set(key, kept);
    this.#timer ??= setTimeout(this.#tick, EPOCH_PART_LIFE_MS).unref();
    return undefined;
  }

  /** All parts, one behind the other. Undefined: some are missing, or none came for this body. */
  all(at: { readonly user: UserId; readonly room: RoomId }, bodyHash: Uint8Array): Uint8Array | undefined {
    this.#dropOld();
    const kept = this.#waiting.get(keyOf(at));
    if (kept === undefined || kept.bodyHash !== toHex(bodyHash)) return undefined;
    const parts: Uint8Array[] = [];
    for (let part = 0; part < kept.parts.size; part += 1) {
      const bytes = kept.parts.get(part);
      if (bytes === undefined) return undefined;
      parts.push(bytes);
    }
    return concatBytes(...parts);
  }

  drop(at: { readonly user: UserId; readonly room: RoomId }): void {
    const kept = this.#waiting.get(keyOf(at));
    if (kept !== undefined) this.#drop(keyOf(at), kept);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
    this.#byUser.clear();
    this.#byteCount = 0;
  }

  readonly #tick = (): void => {
    this.#timer = undefined;
    this.#dropOld();
    if (this.#waiting.size > 0) this.#timer = setTimeout(this.#tick, EPOCH_PART_LIFE_MS / 4).unref();
  };

  #dropOld(): void {
    const until = this.#nowMs() - EPOCH_PART_LIFE_MS;
    for (const [key, kept] of this.#waiting) {
      if (kept.touchedAtMs > until) return;
      this.#drop(key, kept);
    }
  }

  #drop(key: string, { user, byteCount }: Parts): void {
    this.#waiting.delete(key);
    this.#count(user, -byteCount);
  }

  #count(user: UserId, change: number): void {
    this.#byteCount += change;
    this.#telemetry.waitingWrapBytes(this.#byteCount);
    const left = (this.#byUser.get(user) ?? 0) + change;
    if (left > 0) this.#byUser.set(user, left);
    else this.#byUser.delete(user);
  }
}

function keyOf({ user, room }: { readonly user: UserId; readonly room: RoomId }): string {
  return `${user}:${room}`;
}
