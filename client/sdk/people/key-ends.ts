import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import { list, map, optional, type Parsed, uint } from '../../../src/protocol/shape.ts';
import { deleteRecord, getRecord, packRecord, parseRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';

/** Rotations of one user that are remembered for one room; with more, the oldest are forgotten. */
const ENDS_MAX = 64;

/** Where a room first showed the identity with this sequence: its roster version, and a position that only later messages exceed. */
const keyEnd = map({ sequence: uint(), version: uint(), head: optional(uint()) });

/** `key-ends/ROOM-ID.USER-ID` */
const keyEndsRecord = map({ ends: list(keyEnd, ENDS_MAX) });
type Ends = Parsed<typeof keyEndsRecord>['ends'];

/** Where an older key of a user stops being believed in a room. */
export interface KeyEnd {
  /** From this roster version on. */
  readonly version: number;
  /** And at positions above this one, whatever version the message names; undefined while that is not known. */
  readonly head: number | undefined;
}

/**
 * From where on, in each room, replaced keys sign nothing that is believed. What was noted first stays: a server that
 * lists an old key again, or moves a key change to another version, changes nothing.
 */
export class KeyEnds {
  readonly #state: StateStore;

  constructor(state: StateStore) {
    this.#state = state;
  }

  /** A room shows the accepted identity with this sequence. */
  async note(room: RoomId, user: UserId, sequence: number, { version, head }: KeyEnd): Promise<void> {
    if (sequence === 0) return;
    const key = `${room}.${user}`;
    const isKnown = (ends: Ends): boolean =>
      ends.some((end) => end.sequence === sequence && (end.head !== undefined || head === undefined));
    if (isKnown(await this.#ends(key))) return;
    await this.#state.update('key-ends', key, (current) => {
      const ends = parseRecord(keyEndsRecord, current)?.ends ?? [];
      if (isKnown(ends)) return { result: undefined };
      const first = ends.find((end) => end.sequence === sequence)?.version ?? version;
      const end = { sequence, version: first, ...(head === undefined ? {} : { head }) };
      const all = [...ends.filter((other) => other.sequence !== sequence), end];
      all.sort((a, b) => a.sequence - b.sequence);
      return { value: packRecord(keyEndsRecord, { ends: all.slice(-ENDS_MAX) }), result: undefined };
    });
  }

  /** Undefined while the room has shown no later identity than this one. */
  async endOf(room: RoomId, user: UserId, sequence: number): Promise<KeyEnd | undefined> {
    const later = (await this.#ends(`${room}.${user}`)).filter((end) => end.sequence > sequence);
    if (later.length === 0) return undefined;
    const heads = later.flatMap(({ head }) => (head === undefined ? [] : [head]));
    return {
      version: Math.min(...later.map(({ version }) => version)),
      head: heads.length === 0 ? undefined : Math.min(...heads),
    };
  }

  /** The user is no longer a member of the room. */
  async forget(room: RoomId): Promise<void> {
    for (const { key } of await this.#state.list('key-ends'))
      if (key.startsWith(`${room}.`)) await deleteRecord(this.#state, 'key-ends', key);
  }

  async #ends(key: string): Promise<Ends> {
    return (await getRecord(this.#state, 'key-ends', key, keyEndsRecord))?.ends ?? [];
  }
}
