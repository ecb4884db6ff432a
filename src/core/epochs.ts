import { encodeNotice } from '../domain/envelope.ts';
import { DAY_MS, type RosterMember } from '../domain/roster.ts';
import type { Background } from '../lib/background.ts';
import { boundedCache } from '../lib/bounded-cache.ts';
import type { EpochRow, EpochStore } from '../ports/epoch-store.ts';
import type { LogEvent } from '../ports/log-events.ts';
import type { RoomStore } from '../ports/room-store.ts';
import type { Sequencer } from '../ports/sequencer.ts';
import { sameBytes } from '../protocol/bytes.ts';
import type { RoomId } from '../protocol/ids.ts';
import { type EpochBody, parseEpochRecord } from '../protocol/layouts/epoch-record.ts';
import type { MessageHeader } from '../protocol/layouts/message-header.ts';
import type { WallClock } from './core-parts.ts';
import { type Publisher, roomChannel } from './publisher.ts';
import type { Watermarks } from './room-sequence.ts';

/** Epochs kept in memory; each is about 1 KB. */
export const EPOCHS_KEPT_MAX = 20_000;
/** Stretches of membership whose beginning is remembered. */
const STRETCHES_KEPT_MAX = 20_000;
/** Messages under an epoch may be on their way while it gets its end, and clocks of nodes differ. */
const RETIRED_GRACE_MS = DAY_MS;

/** An epoch that is stored, and what its maker signed. */
export interface KnownEpoch {
  readonly row: EpochRow;
  readonly body: EpochBody;
}

/** Rebuilds a clock that was lost. */
interface LostClocks {
  load(room: RoomId): Promise<unknown>;
}

interface EpochsParts {
  readonly epochs: EpochStore;
  readonly rooms: RoomStore;
  readonly sequencer: Sequencer;
  readonly watermarks: Watermarks;
  readonly views: LostClocks;
  readonly publisher: Publisher;
  readonly background: Background<LogEvent>;
  readonly clock: WallClock;
}

/** The epochs of suite 2's rooms. One that is stored never changes, so what is kept here is right for ever. */
export class Epochs {
  readonly #parts: EpochsParts;
  readonly #kept = boundedCache<string, KnownEpoch>(EPOCHS_KEPT_MAX);
  readonly #joined = boundedCache<string, number>(STRETCHES_KEPT_MAX);

  constructor(parts: EpochsParts) {
    this.#parts = parts;
  }

  /** Undefined: there is none of this number. Throws Unavailable. */
  async find(room: RoomId, number: number): Promise<KnownEpoch | undefined> {
    const kept = this.#kept.get(keyOf(room, number));
    if (kept !== undefined) return kept;
    const row = await this.#parts.epochs.byNumber(room, number);
    return row === undefined ? undefined : this.keep(room, row);
  }

  /** The one with the highest number, as the store has it now. Throws Unavailable. */
  async newest(room: RoomId): Promise<KnownEpoch | undefined> {
    const row = await this.#parts.epochs.newest(room);
    return row === undefined ? undefined : this.keep(room, row);
  }

  /** One that is known to be stored: the newest is this one or a later one. */
  keep(room: RoomId, row: EpochRow): KnownEpoch {
    const parsed = parseEpochRecord(row.record);
    if (!parsed.ok) throw new TypeError(`a stored epoch is ${parsed.reason}`);
    const known = { row, body: parsed.record.body };
    this.#kept.set(keyOf(room, row.number), known);
    this.#parts.watermarks.note(room, { epoch: row.number });
    return known;
  }

  /**
   * Whether a message may be sealed under the epoch that its header names: that is stored, is one of the two newest, and the
   * header repeats what its record says. The clock only tells where the store needs no question. Throws Unavailable.
   */
  async fits({ room, epoch, ...header }: MessageHeader): Promise<'fits' | 'unknown' | 'differs'> {
    if (epoch === undefined) return 'differs';
    const known = await this.find(room, epoch.number);
    if (known === undefined || !sameBytes(known.row.recordHash, epoch.recordHash)) return 'unknown';
    const { rosterVersion, recipients, passwordNumber } = known.body;
    if (header.rosterVersion !== rosterVersion || header.passwordNumber !== passwordNumber) return 'differs';
    if (!sameBytes(header.recipients, recipients)) return 'differs';
    if (epoch.number + 1 >= this.#parts.watermarks.epoch(room)) return 'fits';
    const newest = await this.newest(room);
    const isBefore = newest !== undefined && sameBytes(newest.body.previousHash, epoch.recordHash);
    return newest === undefined || epoch.number + 1 >= newest.row.number || isBefore ? 'fits' : 'unknown';
  }

  /**
   * Tells every node of an epoch that is stored; whoever stored it may have died before that. Those before the two newest
   * get their end. Throws Unavailable.
   */
  async spread(room: RoomId, { number, recordHash }: EpochRow, messagesKeptMs: number): Promise<void> {
    const { sequencer, watermarks, views, publisher, background, epochs, clock } = this.#parts;
    watermarks.note(room, { epoch: number });
    // Another node may be rebuilding a lost clock from what it read before this epoch was stored.
    if (!(await sequencer.raise(room, { epoch: number }))) await views.load(room);
    await publisher.publish(roomChannel(room), encodeNotice({ about: 'epoch', room, number, recordHash }));
    background.run('retire_epochs', () => epochs.retire(room, clock.nowMs(), epochLifeMs(messagesKeptMs)));
  }

  /**
   * The roster version at which a member joined, which may have had other keys since. Where the changes that tell it are no
   * longer kept, it is that of the keys. Throws Unavailable.
   */
  async joinedAt(room: RoomId, member: RosterMember): Promise<number> {
    const key = `${room}:${member.user}:${member.since}`;
    const kept = this.#joined.get(key);
    if (kept !== undefined) return kept;
    let { since } = member;
    while (since > 1) {
      const [change] = (await this.#parts.rooms.changes(room, since - 1, 1)) ?? [];
      if (change?.kind !== 'identity' || change.before?.user !== member.user) break;
      since = change.before.since;
    }
    this.#joined.set(key, since);
    return since;
  }
}

/** From when no message may be sealed under it any more: it goes with the last copy that was. */
export function epochLifeMs(messagesKeptMs: number): number {
  return messagesKeptMs + RETIRED_GRACE_MS;
}

const keyOf = (room: RoomId, number: number): string => `${room}:${number}`;
