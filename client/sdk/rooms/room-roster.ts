import type { EventBody } from '../../../src/protocol/events.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { ROOM_MEMBERS_MAX } from '../../../src/protocol/limits.ts';
import { foldName, type UserName } from '../../../src/protocol/names.ts';
import type { Clock } from '../connection/clock.ts';
import { Pacing } from '../connection/pacing.ts';
import { localError } from '../errors.ts';
import type { Broadcast } from '../event-queue.ts';
import type { Notice } from '../notice.ts';
import { Turns } from '../turns.ts';
import { expulsionOf } from './gone-room.ts';
import type { Member } from './room.ts';
import type { RoomChange } from './room-events.ts';
import { Roster } from './roster.ts';
import {
  endless,
  type RosterEntry,
  RosterReading,
  type RosterReadingOptions,
  type RosterStretch,
} from './roster-reading.ts';

/** Users whom events told of before the members were compared. */
const TOLD_MAX = ROOM_MEMBERS_MAX;

interface RoomRosterOptions extends RosterReadingOptions {
  readonly clock: Clock;
  readonly changes: Broadcast<RoomChange>;
  readonly notices: Broadcast<Notice>;
}

/** The members of one room by roster version, read from the server when somebody asks for them. */
export class RoomRoster {
  /** What was read so far. */
  readonly known = new Roster<RosterEntry>();
  readonly #options: RoomRosterOptions;
  readonly #reading: RosterReading;
  /** Of readings that events cause. */
  readonly #pacing: Pacing;
  /** Versions up to this one that the server said it keeps no roster of. */
  #goneBelow = 0;
  /** The server said of the room that it is at an earlier version than its members were read at. */
  #isDoubted = false;
  /** Who an event told of since members were compared last. */
  readonly #told = new Set<UserId>();
  /** Roster changes are taken one after the other. */
  readonly #turns = new Turns();

  constructor(options: RoomRosterOptions) {
    this.#options = options;
    this.#reading = new RosterReading(options);
    this.#pacing = new Pacing(options.clock);
  }

  /**
   * Ascending by user id, at the newest version that this client has heard of, and that version: the roster may move on
   * before a caller looks at it again.
   */
  async current(): Promise<{ readonly version: number; readonly members: readonly RosterStretch[] }> {
    await this.ensure(this.#options.state.info.version);
    const { version } = this.known;
    return { version, members: this.known.current() };
  }

  /** By name. */
  async list(timeoutMs: number | undefined): Promise<readonly Member[]> {
    const { link, people, state } = this.#options;
    const members: Member[] = [];
    const current = await link.limited(timeoutMs, this.current());
    for (const { user, name, role, identity } of current.members) {
      const trust = await people.listedTrust(user, identity);
      members.push({ user: name, id: user, role, online: state.isOnline(user), trust });
    }
    return members.sort((a, b) => (foldName(a.user) < foldName(b.user) ? -1 : 1));
  }

  async find(name: UserName, timeoutMs: number | undefined): Promise<RosterStretch | undefined> {
    const { members } = await this.#options.link.limited(timeoutMs, this.current());
    return members.find((member) => foldName(member.name) === foldName(name));
  }

  /** The members at this version are known, as far as the server tells. Rejects with `conflict` when it tells no more. */
  async ensure(version: number): Promise<void> {
    await this.#turns.run(async () => {
      const before = this.known.version;
      if (before === 0) await this.#load();
      else if (version > this.known.version || this.#isDoubted) await this.#advance();
      if (this.known.version !== before) await this.#compare();
      if (version >= this.known.knownSince) return;
      if (version <= this.#goneBelow || (await this.#extend(version)) === 'gone') {
        this.#goneBelow = Math.max(this.#goneBelow, version);
        throw localError('conflict', 'members_gone');
      }
    });
  }

  /** The room was entered at this version. Where its members were read at a later one, the server is asked whether it knows that. */
  entered(version: number): void {
    this.#isDoubted = version < this.known.version;
  }

  /** An event told of this version: it may be the next one, or show that some were missed. */
  async heardOf(version: number): Promise<void> {
    if (version <= this.known.version || this.#mayReadForEvent()) await this.ensure(version);
  }

  /** What the event told that is new: of one member, or two when the room got another owner. */
  async take(event: EventBody<'roster'>): Promise<readonly RosterStretch[]> {
    const { state } = this.#options;
    state.storing.members(event.version);
    const stretches = [await this.#reading.stretchOf(event.member)];
    if (this.#told.size < TOLD_MAX) this.#told.add(event.member.user);
    if (event.former !== undefined) stretches.push(await this.#reading.stretchOf(event.former));
    return this.#turns.run(async () => {
      if (this.known.version === 0) return stretches;
      const before = this.known.version;
      if (this.known.apply(event, stretches) === 'gap') {
        state.sawVersion(event.version);
        if (this.#mayReadForEvent()) await this.#advance();
      }
      this.#bound();
      if (this.known.version === before) return [];
      await this.#compare();
      return stretches;
    });
  }

  /** Tells what a roster event changed; `stretches` are what it told that was new. */
  async tell(event: EventBody<'roster'>, stretches: readonly RosterStretch[]): Promise<void> {
    for (const stretch of stretches) this.#options.changes.tell(await this.#changeOf(event, stretch));
  }

  /** False: events come too fast. The members are read when they are asked for. */
  #mayReadForEvent(): boolean {
    if (this.#pacing.waitMs() > 0) return false;
    this.#pacing.began();
    return true;
  }

  async #load(): Promise<void> {
    const read = await this.#reading.read(undefined);
    if (read === 'gone') throw new TypeError('the present roster is never gone');
    this.known.replace(read.version, read.stretches);
    this.#goneBelow = 0;
    this.#bound();
  }

  /** From the known version to the present one; all of it again when the server no longer has the changes between. */
  async #advance(): Promise<void> {
    if ((await this.#extend(this.known.version)) === 'gone') await this.#load();
    this.#isDoubted = false;
  }

  async #extend(since: number): Promise<'extended' | 'gone'> {
    const read = await this.#reading.read(since);
    // A server that does not know this version knows nothing of what came after it.
    if (read === 'gone' || read.version < since) return 'gone';
    this.known.extend(since, read.version, read.stretches, read.roles);
    this.#bound();
    return 'extended';
  }

  /** No room has so many members: what a server made up is forgotten, and the roster read afresh when it is needed. */
  #bound(): void {
    if (this.known.size <= ROOM_MEMBERS_MAX) return;
    this.known.replace(0, []);
    throw endless();
  }

  /** Tells of those who came or went without an event: where somebody listens to the room, else to the client. */
  async #compare(): Promise<void> {
    const { book, changes, notices, state } = this.#options;
    const { name } = state;
    const { room } = state.info;
    const members = this.known.current().map(({ user }) => user);
    const differ = await book.members.learn(room, members);
    const isUntold = (user: UserId): boolean => !this.#told.has(user);
    const [joined = [], left = []] = [differ?.joined.filter(isUntold), differ?.left.filter(isUntold)];
    this.#told.clear();
    if (joined.length + left.length === 0) return;
    const change = {
      ...({ type: 'members-differ', room: name } as const),
      ...{ joined: await this.#names(joined), left: await this.#names(left) },
    };
    if (changes.hasReaders) changes.tell(change);
    else notices.tell(change);
  }

  async #changeOf(
    event: EventBody<'roster'>,
    { user: id, name: user, role, identity }: RosterStretch,
  ): Promise<RoomChange> {
    const { people, state } = this.#options;
    const { name: room } = state;
    const { kind } = event;
    switch (kind) {
      case 'identity': {
        const accepted = (await people.listedTrust(id, identity)) !== 'changed';
        return { type: 'key-changed', room, user, accepted };
      }
      case 'role':
        return { type: 'member-role', room, user, id, role };
      case 'joined':
        return { type: 'member-joined', room, user, id };
      case 'left':
        return { type: 'member-left', room, user, id };
      case 'kicked':
        return {
          ...({ type: 'member-kicked', room, user, id } as const),
          ...{ banned: event.banned === true, ...expulsionOf(event) },
        };
      default:
        return kind satisfies never;
    }
  }

  async #names(users: readonly UserId[]): Promise<readonly UserName[]> {
    const names: UserName[] = [];
    for (const user of users)
      names.push(await this.#options.people.nameOf(user, this.known.find(user)?.name));
    return names;
  }
}
