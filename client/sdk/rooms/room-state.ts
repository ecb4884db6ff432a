import type { MemberEntry, RoomInfo, RoomPresence, SignedIdentity } from '../../../src/protocol/entities.ts';
import type { EventBody } from '../../../src/protocol/events.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { HEADER_LAYOUT_FIRST } from '../../../src/protocol/layouts/message-header.ts';
import { ROOM_MEMBERS_MAX } from '../../../src/protocol/limits.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { Link } from '../connection/link.ts';
import { ConclaveError } from '../errors.ts';
import type { People, SeenIdentity } from '../people/people.ts';
import { Roster, type Stretch } from './roster.ts';
import { StoringVersions } from './storing-versions.ts';

/** A roster that changes while its pages are read is read again, at most so often. */
const ROSTER_READS_MAX = 10;
/** Pages of one reading; a server that gives more is not giving a roster. */
const ROSTER_PAGES_MAX = 256;
/** Stretches of one reading: a busy month, and what a client can hold. */
const STRETCHES_READ_MAX = 16 * ROOM_MEMBERS_MAX;

export interface RosterEntry {
  readonly name: UserName;
  readonly signed: SignedIdentity;
  /** What the look at `signed` said last; one that was not accepted may be later. */
  seen: SeenIdentity;
}
export type RosterStretch = Stretch<RosterEntry>;

interface RoomStateOptions {
  readonly link: Link;
  readonly people: People;
  readonly timeoutMs: number | undefined;
}

/** What a client knows of one room: settings, members by roster version, who is online. */
export class RoomState {
  readonly #options: RoomStateOptions;
  readonly roster = new Roster<RosterEntry>();
  readonly storing = new StoringVersions();
  #info: RoomInfo;
  /** Version of the settings in `info`, or a later one. */
  #settingsVersion = 0;
  #presence: {
    online: number;
    version: number;
    readonly users: Map<UserId, { online: boolean; version: number }>;
    complete: boolean;
  };
  /** Roster changes are taken one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: RoomStateOptions, info: RoomInfo, presence: RoomPresence | undefined) {
    this.#options = options;
    this.#info = info;
    this.#presence = { online: 0, version: 0, users: new Map(), complete: false };
    this.entered(info, presence);
  }

  get info(): RoomInfo {
    return this.#info;
  }

  get online(): number {
    return this.#presence.online;
  }

  /** Undefined when the server only told a number. */
  isOnline(user: UserId): boolean | undefined {
    return this.#presence.users.get(user)?.online ?? (this.#presence.complete ? false : undefined);
  }

  /** The answer to `enter` is how things are, whatever was known before, but for the layout of headers. */
  entered(info: RoomInfo, presence: RoomPresence | undefined): void {
    this.#info = { ...info, ...this.#raisedTo(info.header) };
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
    await this.ensure(version);
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
    if (event.former !== undefined) stretches.push(await this.#looked(event.former));
    return this.#inTurn(async () => {
      if (this.roster.version === 0) return stretches;
      const before = this.roster.version;
      if (this.roster.apply(event, stretches) === 'gap') await this.#extend(before);
      this.#boundRoster();
      return event.version > before ? stretches : [];
    });
  }

  /** The roster knows the members at this version, as far as the server tells. */
  async ensure(version: number): Promise<void> {
    await this.#inTurn(async () => {
      if (this.roster.version === 0) await this.#load();
      if (version > this.roster.version) await this.#extend(this.roster.version);
      if (version < this.roster.knownSince) await this.#extend(version);
    });
  }

  /**
   * Ascending by user id, at the newest version that this client has heard of, and that version: the roster may move on
   * before a caller looks at it again.
   */
  async currentMembers(): Promise<{ readonly version: number; readonly members: readonly RosterStretch[] }> {
    await this.ensure(this.#info.version);
    const { version } = this.roster;
    const members = this.roster.current();
    for (const member of members) {
      if (!member.seen.accepted)
        member.seen = await this.#options.people.observe(member.user, member.name, member.signed);
    }
    return { version, members };
  }

  async #load(): Promise<void> {
    const { version, stretches } = await this.#read(undefined);
    this.roster.replace(version, stretches);
    this.#boundRoster();
  }

  async #extend(since: number): Promise<void> {
    const { version, stretches } = await this.#read(since);
    this.roster.extend(since, version, stretches);
    this.#boundRoster();
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

  async #read(
    since: number | undefined,
  ): Promise<{ readonly version: number; readonly stretches: readonly RosterStretch[] }> {
    for (let reads = 0; reads < ROSTER_READS_MAX; reads += 1) {
      try {
        return await this.#readPages(since);
      } catch (error) {
        if (!(error instanceof ConclaveError) || error.code !== 'conflict') throw error;
        await this.#options.link.pause(error.retryAfterMs ?? 0);
      }
    }
    throw new ConclaveError('conflict', 'the members change faster than they can be read');
  }

  async #readPages(
    since: number | undefined,
  ): Promise<{ readonly version: number; readonly stretches: readonly RosterStretch[] }> {
    const stretches: RosterStretch[] = [];
    const most = since === undefined ? ROOM_MEMBERS_MAX : STRETCHES_READ_MAX;
    let cursor: Uint8Array | undefined;
    for (let pages = 0; pages < ROSTER_PAGES_MAX && stretches.length <= most; pages += 1) {
      const body = {
        room: this.#info.room,
        ...(since === undefined ? {} : { since }),
        ...(cursor === undefined ? {} : { cursor }),
      };
      const page = await this.#options.link.request('members', body, { timeoutMs: this.#options.timeoutMs });
      for (const member of page.members) stretches.push(await this.#looked(member));
      if (page.cursor === undefined) return { version: page.version, stretches };
      cursor = page.cursor;
    }
    throw endless();
  }

  async #looked({ identity, ...member }: MemberEntry): Promise<RosterStretch> {
    return {
      ...member,
      signed: identity,
      seen: await this.#options.people.observe(member.user, member.name, identity),
    };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function endless(): ConclaveError {
  return new ConclaveError('too_large', 'the server lists more members than a room can have');
}
