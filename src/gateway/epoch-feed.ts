import type { EpochStore } from '../ports/epoch-store.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import { encodeEvent } from '../protocol/server-codec.ts';

/** Payloads of a room that wait for its epoch to be read; with one more, they go on without it. */
export const HELD_PAYLOADS_MAX = 1_000;
/** Epochs of a room that are remembered as told. */
const TOLD_MAX = 4;

/** What a node knows of the epochs of one room. */
export interface RoomEpochs {
  /** The highest number that was told here, or that the first reader was told. */
  last: number;
  /** The room's clock when it was last compared with `last`. */
  clock: number;
  /** Those whose events went out. */
  told: readonly number[];
  /** What came in since one is being read. */
  held: Uint8Array[] | undefined;
}

interface Receiver {
  pushWhole(frame: Uint8Array): void;
}

/** A room of this node, as far as its epochs go. */
interface EpochRoom {
  readonly room: RoomId;
  readonly epochs: RoomEpochs;
  sessions(): readonly { readonly user: UserId; readonly outbox: Receiver }[];
}

interface EpochFeedParts<Room> {
  readonly epochs: Pick<EpochStore, 'issued'>;
  readonly telemetry: Telemetry;
  /** Takes a payload that was held. */
  readonly take: (local: Room, payload: Uint8Array) => void;
  readonly resync: (local: Room) => void;
}

/**
 * Brings the sessions of this node their copies of a new epoch. What comes in for the room meanwhile is held, so that nobody gets
 * a message before the epoch that it is sealed under.
 */
export class EpochFeed<Room extends EpochRoom> {
  readonly #parts: EpochFeedParts<Room>;

  constructor(parts: EpochFeedParts<Room>) {
    this.#parts = parts;
  }

  /** Once for each epoch. */
  tell(local: Room, number: number): void {
    if (local.epochs.told.includes(number)) return;
    local.epochs.told = [...local.epochs.told, number].slice(-TOLD_MAX);
    local.epochs.last = Math.max(local.epochs.last, number);
    const held: Uint8Array[] = local.epochs.held ?? [];
    local.epochs.held = held;
    void this.#issue(local, number).finally(() => {
      if (local.epochs.held === held) this.#release(local);
    });
  }

  /** While one is being read. */
  hold(local: Room, payload: Uint8Array): void {
    local.epochs.held?.push(payload);
    if ((local.epochs.held?.length ?? 0) > HELD_PAYLOADS_MAX) this.#release(local);
  }

  /** In order; what follows another new epoch waits again. */
  #release(local: Room): void {
    const held = local.epochs.held ?? [];
    local.epochs.held = undefined;
    for (const payload of held) {
      if (local.epochs.held === undefined) this.#parts.take(local, payload);
      else this.hold(local, payload);
    }
  }

  /** Never rejects. One reading, for all members that are here. */
  async #issue(local: Room, number: number): Promise<void> {
    const users = new Set(local.sessions().map(({ user }) => user));
    if (users.size === 0) return;
    try {
      const issued = await this.#parts.epochs.issued(local.room, number, [...users]);
      if (issued === undefined) return;
      const { record } = issued.epoch;
      for (const { user, outbox } of local.sessions()) {
        const own = issued.copies.get(user);
        if (own === undefined) continue;
        const epoch = { number, record, wrap: own.wrap, path: own.path };
        outbox.pushWhole(encodeEvent('epoch', { room: local.room, epoch }));
      }
    } catch (error) {
      if (!(error instanceof Unavailable)) this.#parts.telemetry.warn('fan_out_failed', error);
      this.#parts.resync(local);
    }
  }
}
