import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import { list, map, optional, type Parsed, uint } from '../../../src/protocol/shape.ts';
import type { VerifiedIdentity } from '../../crypto/identity.ts';
import type { Clock } from '../connection/clock.ts';
import { deleteRecord, getRecord, packRecord, parseRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';
import type { People } from './people.ts';
import type { PersonView } from './person-view.ts';
import { isWithinGrace } from './trust-model.ts';

/** Rotations of one user that are remembered for one room; with more, the oldest are forgotten. */
const ENDS_MAX = 64;

/** Where a room first showed the identity with this sequence: its roster version, and a position that only later messages exceed. */
const keyEnd = map({ sequence: uint(), version: uint(), head: optional(uint()) });

/** `key-ends/ROOM-ID.USER-ID` */
const keyEndsRecord = map({ ends: list(keyEnd, ENDS_MAX) });
type Ends = Parsed<typeof keyEndsRecord>['ends'];

interface KeyEndsOptions {
  readonly state: StateStore;
  readonly people: Pick<People, 'view'>;
  readonly clock: Pick<Clock, 'wallTime'>;
}

/** A stretch of membership, as a roster lists it. */
interface ListedIdentity {
  readonly room: RoomId;
  readonly user: UserId;
  readonly identity: VerifiedIdentity;
  readonly since: number;
  readonly left?: number | undefined;
}

/** Roster version and head of a room as one reply to `enter` names them: above that head nothing names a lower version. */
export interface EnteredAt {
  readonly version: number;
  readonly head: number;
}

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
  readonly #people: Pick<People, 'view'>;
  readonly #clock: Pick<Clock, 'wallTime'>;

  constructor({ state, people, clock }: KeyEndsOptions) {
    this.#state = state;
    this.#people = people;
    this.#clock = clock;
  }

  /** A room's roster lists this identity: from there on, keys before it are not believed in that room. */
  async listed({ room, user, identity, since, left }: ListedIdentity, entered: EnteredAt): Promise<void> {
    const view = await this.#people.view(user, identity.document.username);
    const standing = view.standingOf(identity);
    if (standing === 'changed') return;
    const head = since <= entered.version ? entered.head : undefined;
    await this.#note(room, user, identity.document.sequence, { version: since, head });
    if (standing === 'former' && left === undefined) await this.#endStale(room, user, view, entered);
  }

  /** Where this key stops being believed in a room. `isMember`: the roster lists the user now. */
  async endIn(
    room: RoomId,
    user: UserId,
    identity: VerifiedIdentity,
    { isMember, entered }: { readonly isMember: boolean; readonly entered: EnteredAt },
  ): Promise<KeyEnd | undefined> {
    const { sequence } = identity.document;
    const known = await this.#endOf(room, user, sequence);
    if (known !== undefined || !isMember) return known;
    const view = await this.#people.view(user, identity.document.username);
    if (view.standingOf(identity) === 'current') return known;
    await this.#endStale(room, user, view, entered);
    return this.#endOf(room, user, sequence);
  }

  /** A room goes on listing a key that was replaced longer ago than a roster may be behind: it ends here. */
  async #endStale(room: RoomId, user: UserId, view: PersonView, { version, head }: EnteredAt): Promise<void> {
    if (isWithinGrace(await view.since(), this.#clock.wallTime())) return;
    if (view.sequence !== undefined)
      await this.#note(room, user, view.sequence, { version: version + 1, head });
  }

  /** A room shows the accepted identity with this sequence. */
  async #note(room: RoomId, user: UserId, sequence: number, { version, head }: KeyEnd): Promise<void> {
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
  async #endOf(room: RoomId, user: UserId, sequence: number): Promise<KeyEnd | undefined> {
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
    for (const { key } of await this.#state.list('key-ends', `${room}.`))
      await deleteRecord(this.#state, 'key-ends', key);
  }

  async #ends(key: string): Promise<Ends> {
    return (await getRecord(this.#state, 'key-ends', key, keyEndsRecord))?.ends ?? [];
  }
}
