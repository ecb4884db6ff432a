import type { MemberEntry, RoomInfo, RoomPresence } from '../../../src/protocol/entities.ts';
import type { EventBody } from '../../../src/protocol/events.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { HEADER_LAYOUT_FIRST, ROOM_MEMBERS_MAX } from '../../../src/protocol/limits.ts';
import type { Clock } from '../connection/clock.ts';
import type { Link } from '../connection/link.ts';
import { Pacing } from '../connection/pacing.ts';
import { ConclaveError } from '../errors.ts';
import type { EnteredAt, People } from '../people/people.ts';
import { Turns } from '../turns.ts';
import type { KnownMembers, MembersDiffer } from './known-members.ts';
import { Roster } from './roster.ts';
import { endless, type RosterEntry, RosterReading, type RosterStretch } from './roster-reading.ts';
import { StoringVersions } from './storing-versions.ts';

/** Users whom events told of before the members were compared. */
const TOLD_MAX = ROOM_MEMBERS_MAX;

interface RoomStateOptions {
  readonly clock: Clock;
  readonly link: Link;
  readonly people: People;
  readonly known: KnownMembers;
  readonly timeoutMs: number | undefined;
  /** The roster says other members than this profile knew, and no event told of it. */
  differs(change: MembersDiffer): void;
}

/** What a client knows of one room: settings, members by roster version, who is online. */
export class RoomState {
  readonly #options: RoomStateOptions;
  readonly roster = new Roster<RosterEntry>();
  readonly #reading: RosterReading;
  /** Of readings that events cause. */
  readonly #pacing: Pacing;
  readonly storing = new StoringVersions();
  #info: RoomInfo;
  /** Version and head that the last reply to `enter` named together: what is above the head was taken at this version or later. */
  #entered: EnteredAt;
  /** Version of the settings in `info`, or a later one. */
  #settingsVersion = 0;
  #presence: {
    online: number;
    version: number;
    readonly users: Map<UserId, { online: boolean; version: number }>;
    complete: boolean;
  };
  /** Versions up to this one that the server said it keeps no roster of. */
  #goneBelow = 0;
  /** Who an event told of since members were compared last. */
  readonly #told = new Set<UserId>();
  /** Roster changes are taken one after the other. */
  readonly #turns = new Turns();

  constructor(options: RoomStateOptions, info: RoomInfo, presence: RoomPresence | undefined) {
    this.#options = options;
    this.#reading = new RosterReading(options, info.room, (member) => this.#looked(member));
    this.#pacing = new Pacing(options.clock);
    this.#info = info;
    this.#entered = { version: info.version, head: info.head };
    this.#presence = { online: 0, version: 0, users: new Map(), complete: false };
    this.enter(info, presence);
  }

  get info(): RoomInfo {
    return this.#info;
  }

  get entered(): EnteredAt {
    return this.#entered;
  }

  get online(): number {
    return this.#presence.online;
  }

  /** Undefined when the server only told a number. */
  isOnline(user: UserId): boolean | undefined {
    return this.#presence.users.get(user)?.online ?? (this.#presence.complete ? false : undefined);
  }

  /** The answer to `enter` is how things are, whatever was known before, but for the layout of headers. */
  enter(info: RoomInfo, presence: RoomPresence | undefined): void {
    this.#info = { ...info, ...this.#raisedTo(info.header) };
    this.#entered = { version: info.version, head: info.head };
    this.#settingsVersion = info.version;
    this.storing.entered(info.version, info.retention);
    if (presence === undefined) return;
    const users = (presence.users ?? []).map(
      ({ user, online, version }) => [user, { online, version }] as const,
    );
    this.#presence = {
      online: presence.online,
      version: presence.version,
      users: new Map(users),
      complete: presence.users !== undefined,
    };
  }

  sawPosition(seq: number): void {
    if (seq > this.#info.head) this.#info = { ...this.#info, head: seq };
  }

  /** Who came or went by this; an older version changes nothing. */
  applyPresence({
    online,
    version,
    users,
  }: RoomPresence): readonly { readonly id: UserId; readonly online: boolean }[] {
    if (version >= this.#presence.version) {
      this.#presence.online = online;
      this.#presence.version = version;
    }
    const changed: { readonly id: UserId; readonly online: boolean }[] = [];
    for (const entry of users ?? []) {
      const known = this.#presence.users.get(entry.user);
      if (known !== undefined && known.version > entry.version) continue;
      this.#presence.users.set(entry.user, { online: entry.online, version: entry.version });
      if (known?.online !== entry.online) changed.push({ id: entry.user, online: entry.online });
    }
    this.#boundPresence();
    return changed;
  }

  /**
   * Settings have a version of the roster, too: it may be the next one, or show that some were missed. Of two nodes, the
   * older settings may come last.
   */
  async applySettings(event: EventBody<'room'>): Promise<void> {
    const { name, retention, hidden, password, header, version } = event;
    this.storing.settings(version, retention);
    if (version >= this.#settingsVersion) {
      this.#settingsVersion = version;
      this.#info = { ...this.#info, name, retention, hidden, password, ...this.#raisedTo(header) };
    }
    if (version > this.#info.version) this.#info = { ...this.#info, version };
    if (version <= this.roster.version || this.#mayReadForEvent()) await this.ensure(version);
  }

  /** False: events come too fast. The members are read when they are asked for. */
  #mayReadForEvent(): boolean {
    if (this.#pacing.waitMs() > 0) return false;
    this.#pacing.began();
    return true;
  }

  /** It only rises: a gateway of an earlier release says nothing of it, and others lie when they lower it. */
  #raisedTo(told = HEADER_LAYOUT_FIRST): Pick<RoomInfo, 'header'> {
    const header = Math.max(told, this.#info.header ?? HEADER_LAYOUT_FIRST);
    return header === HEADER_LAYOUT_FIRST ? {} : { header };
  }

  /** The own role, as a roster event told it. */
  setRole(role: RoomInfo['role']): void {
    this.#info = { ...this.#info, role };
  }

  /** What the event told that is new: of one member, or two when the room got another owner. */
  async applyRoster(event: EventBody<'roster'>): Promise<readonly RosterStretch[]> {
    this.storing.members(event.version);
    const stretches = [await this.#looked(event.member)];
    if (this.#told.size < TOLD_MAX) this.#told.add(event.member.user);
    if (event.former !== undefined) stretches.push(await this.#looked(event.former));
    return this.#turns.run(async () => {
      if (this.roster.version === 0) return stretches;
      const before = this.roster.version;
      if (this.roster.apply(event, stretches) === 'gap') {
        if (event.version > this.#info.version) this.#info = { ...this.#info, version: event.version };
        if (this.#mayReadForEvent()) await this.#advance();
      }
      this.#boundRoster();
      if (this.roster.version === before) return [];
      await this.#learn();
      return stretches;
    });
  }

  /** The roster knows the members at this version, as far as the server tells. Rejects with `conflict` when it tells no more. */
  async ensure(version: number): Promise<void> {
    await this.#turns.run(async () => {
      const before = this.roster.version;
      if (before === 0) await this.#load();
      if (version > this.roster.version) await this.#advance();
      if (this.roster.version !== before) await this.#learn();
      if (version >= this.roster.knownSince) return;
      if (version <= this.#goneBelow || (await this.#extend(version)) === 'gone') {
        this.#goneBelow = Math.max(this.#goneBelow, version);
        throw new ConclaveError('conflict', 'the server no longer has the member list of that time');
      }
    });
  }

  /** Tells of those who came or went without an event. */
  async #learn(): Promise<void> {
    const { known, differs } = this.#options;
    const members = this.roster.current().map(({ user }) => user);
    const change = await known.learn(this.#info.room, members);
    if (change !== undefined) {
      const [joined, left] = [change.joined, change.left].map((users) =>
        users.filter((user) => !this.#told.has(user)),
      );
      if (joined !== undefined && left !== undefined && joined.length + left.length > 0)
        differs({ joined, left });
    }
    this.#told.clear();
  }

  /**
   * Ascending by user id, at the newest version that this client has heard of, and that version: the roster may move on
   * before a caller looks at it again.
   */
  async currentMembers(): Promise<{ readonly version: number; readonly members: readonly RosterStretch[] }> {
    await this.ensure(this.#info.version);
    const { version } = this.roster;
    return { version, members: this.roster.current() };
  }

  async #load(): Promise<void> {
    const read = await this.#reading.read(undefined);
    if (read === 'gone') throw new TypeError('the present roster is never gone');
    this.roster.replace(read.version, read.stretches);
    this.#boundRoster();
  }

  /** From the known version to the present one; all of it again when the server no longer has the changes between. */
  async #advance(): Promise<void> {
    if ((await this.#extend(this.roster.version)) === 'gone') await this.#load();
  }

  async #extend(since: number): Promise<'extended' | 'gone'> {
    const read = await this.#reading.read(since);
    if (read === 'gone') return 'gone';
    this.roster.extend(since, read.version, read.stretches);
    this.#boundRoster();
    return 'extended';
  }

  /** No room has so many members: what a server made up is forgotten, and the roster read afresh when it is needed. */
  #boundRoster(): void {
    if (this.roster.size <= ROOM_MEMBERS_MAX) return;
    this.roster.replace(0, []);
    throw endless();
  }

  /** Whoever is not in the map counts as offline, so those who are go first. */
  #boundPresence(): void {
    const { users } = this.#presence;
    if (users.size <= ROOM_MEMBERS_MAX) return;
    for (const [user, { online }] of users) if (!online) users.delete(user);
    for (const user of users.keys()) {
      if (users.size <= ROOM_MEMBERS_MAX) return;
      users.delete(user);
    }
  }

  async #looked({ identity: signed, ...member }: MemberEntry): Promise<RosterStretch> {
    const { user, name, since, left } = member;
    const { people } = this.#options;
    const identity = await people.observe(user, name, signed);
    if (identity !== undefined)
      await people.listed({ room: this.#info.room, user, identity, since, left }, this.#entered);
    return { ...member, signed, identity };
  }
}
