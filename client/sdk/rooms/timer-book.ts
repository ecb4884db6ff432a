import { messageId } from '../../../src/protocol/entities.ts';
import {
  type MessageId,
  parseMessageId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../../../src/protocol/ids.ts';
import { bool, map, optional, type Parsed, uint } from '../../../src/protocol/shape.ts';
import { deleteRecord, getRecord, packRecord, parseRecord, putRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';

/** `timers/ROOM.SENDER.MESSAGE`: when a message that was shown is over, in milliseconds of SteadyTime. It stays when it is. */
const timerRecord = map({
  seq: uint(),
  until: uint(),
  /** Of an edit: its message. */
  of: optional(messageId),
  /** Its text is kept no longer. */
  erased: bool,
});
export type Timer = Parsed<typeof timerRecord>;
/** `timers/ROOM`: the highest position of those whose records went. */
const floorRecord = map({ seq: uint() });

/** Records of one room; beyond, those of the lowest positions that are over go. */
export const TIMERS_KEPT_MAX = 10_000;
/** So many more make a look at all records of a room worth it. */
const TIMERS_SURPLUS = 1_000;

/** Where a message stands. */
export interface Place {
  readonly room: RoomId;
  readonly seq: number;
  readonly user: UserId;
  readonly id: MessageId;
}

export interface TimedPlace {
  readonly place: Place;
  readonly timer: Timer;
}

/** The timers of messages, as the profile has them for all of its processes. */
export class TimerBook {
  readonly #state: StateStore;
  /** Records of rooms that were read as a whole. */
  readonly #counts = new Map<RoomId, number>();

  constructor(state: StateStore) {
    this.#state = state;
  }

  get({ room, user, id }: Omit<Place, 'seq'>): Promise<Timer | undefined> {
    return getRecord(this.#state, 'timers', timerKey({ room, user, id }), timerRecord);
  }

  /** The timer of a message: this one, unless it has another. */
  async begin(place: Place, until: number, of: MessageId | undefined): Promise<Timer> {
    const { room, seq } = place;
    const fresh: Timer = { seq, until, ...(of !== undefined && { of }), erased: false };
    const timer = await this.#state.update<Timer>('timers', timerKey(place), (stored) => {
      const earlier = parseRecord(timerRecord, stored);
      return earlier === undefined
        ? { value: packRecord(timerRecord, fresh), result: fresh }
        : { result: earlier };
    });
    const count = this.#counts.get(room);
    if (timer !== fresh || count === undefined) return timer;
    this.#counts.set(room, count + 1);
    if (count >= TIMERS_KEPT_MAX + TIMERS_SURPLUS) await this.#trim(room);
    return timer;
  }

  erased({ place, timer }: TimedPlace): Promise<void> {
    return putRecord(this.#state, 'timers', timerKey(place), timerRecord, { ...timer, erased: true });
  }

  /** Everything of a room. */
  async ofRoom(room: RoomId): Promise<readonly TimedPlace[]> {
    const records = await this.#state.list('timers', `${room}.`);
    this.#counts.set(room, records.length);
    return records.flatMap(({ key, value }) => {
      const timer = parseRecord(timerRecord, value);
      const [, first, second] = key.split('.');
      const [user, id] = [parseUserId(first), parseMessageId(second)];
      if (timer === undefined || user === undefined || id === undefined) return [];
      return [{ timer, place: { room, seq: timer.seq, user, id } }];
    });
  }

  /** Whether records of messages at this position may have gone. */
  async isBelowFloor({ room, seq }: Place): Promise<boolean> {
    const floor = await getRecord(this.#state, 'timers', room, floorRecord);
    return floor !== undefined && seq <= floor.seq;
  }

  /** Of a room nothing stays but the floor. */
  async forget(room: RoomId): Promise<void> {
    await this.#drop(room, await this.ofRoom(room));
    this.#counts.delete(room);
  }

  async #trim(room: RoomId): Promise<void> {
    // One look is enough for all that come meanwhile.
    this.#counts.delete(room);
    const records = await this.ofRoom(room);
    const over = records
      .filter(({ timer }) => timer.erased)
      .sort((a, b) => a.timer.seq - b.timer.seq)
      .slice(0, Math.max(0, records.length - TIMERS_KEPT_MAX));
    this.#counts.set(room, records.length - over.length);
    await this.#drop(room, over);
  }

  /** The floor comes first: what was shown stays so, whatever happens in between. */
  async #drop(room: RoomId, records: readonly TimedPlace[]): Promise<void> {
    if (records.length === 0) return;
    const highest = records.reduce((most, { timer }) => Math.max(most, timer.seq), 0);
    await this.#state.update('timers', room, (stored) => {
      const seq = Math.max(highest, parseRecord(floorRecord, stored)?.seq ?? 0);
      return { value: packRecord(floorRecord, { seq }), result: undefined };
    });
    await Promise.all(records.map(({ place }) => deleteRecord(this.#state, 'timers', timerKey(place))));
  }
}

/** One for each message of all rooms. */
export function timerKey({ room, user, id }: Omit<Place, 'seq'>): string {
  return `${room}.${user}.${id}`;
}
