import type { Background } from '../lib/background.ts';
import { boundedCache } from '../lib/bounded-cache.ts';
import type { LogEvent } from '../ports/log-events.ts';
import type { Sequencer } from '../ports/sequencer.ts';
import type { RoomId } from '../protocol/ids.ts';
import { EPOCH_LEASE_MS } from '../protocol/limits.ts';

/** Sessions whose leases are remembered; those of others end by themselves. */
export const LEASE_HOLDERS_MAX = 10_000;
/** Rooms in which one session is remembered to have a lease. */
const ROOMS_PER_HOLDER_MAX = 16;

interface Holder {
  readonly rooms: Set<RoomId>;
  /** To be called when the session ends. */
  readonly end: () => void;
}

/** Who makes the next epoch of a room: one session at a time, as long as it wants to and is connected to this node. */
export class EpochLeases {
  /** By session. Most have none, so that whoever ends one looks here first. */
  readonly holders = boundedCache<string, Holder>(LEASE_HOLDERS_MAX);
  readonly #sequencer: Sequencer;
  readonly #background: Background<LogEvent>;

  constructor(sequencer: Sequencer, background: Background<LogEvent>) {
    this.#sequencer = sequencer;
    this.#background = background;
  }

  /** 0: this session makes it. Else another one does, for so many milliseconds at most. Throws Unavailable. */
  async take(room: RoomId, number: number, session: string): Promise<number> {
    const lease = { room, number, holder: session, lifeMs: EPOCH_LEASE_MS };
    const waitMs = await this.#sequencer.leaseEpoch(lease);
    if (waitMs === 0) this.#note(room, session);
    return waitMs;
  }

  /** Does nothing when another session has the lease. Throws Unavailable. */
  async giveUp(room: RoomId, session: string): Promise<void> {
    this.made(room, session);
    await this.#sequencer.releaseEpoch(room, session);
  }

  /** The epoch is there: the lease for its number binds nobody. */
  made(room: RoomId, session: string): void {
    const rooms = this.holders.get(session)?.rooms;
    rooms?.delete(room);
    if (rooms?.size === 0) this.holders.delete(session);
  }

  #note(room: RoomId, session: string): void {
    const holder = this.holders.get(session) ?? { rooms: new Set(), end: () => this.#ended(session) };
    if (holder.rooms.size < ROOMS_PER_HOLDER_MAX) holder.rooms.add(room);
    this.holders.set(session, holder);
  }

  #ended(session: string): void {
    const rooms = this.holders.get(session)?.rooms ?? [];
    this.holders.delete(session);
    for (const room of rooms)
      this.#background.run('epoch_lease', () => this.#sequencer.releaseEpoch(room, session));
  }
}
