import type { RoomInfo, RoomPresence } from '../../../src/protocol/entities.ts';
import type { EventBody } from '../../../src/protocol/events.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { HEADER_LAYOUT_FIRST, ROOM_MEMBERS_MAX, SUITE_FIRST } from '../../../src/protocol/limits.ts';
import type { EnteredAt } from '../people/key-ends.ts';
import type { ShownRoomName } from '../shown-room-name.ts';
import { type DirectPerson, shownRoomName } from './direct-rooms.ts';
import { retentionHoursOf } from './retention.ts';
import type { ToldVersions } from './room-pins.ts';
import { StoringVersions } from './storing-versions.ts';

/** What a client shows of a room's settings. */
export interface Settings extends Pick<RoomInfo, 'retention' | 'hidden' | 'password'> {
  readonly name: ShownRoomName;
  readonly retentionHours: number;
  readonly header: number;
  readonly suite: number;
  readonly unlocked: boolean;
}

interface Raised {
  readonly header?: number | undefined;
  readonly suite?: number | undefined;
}

/** What the server says of one room besides its members: settings, positions, who is online. */
export class RoomState {
  readonly storing = new StoringVersions();
  /** The room's present password is known here. */
  unlocked: boolean;
  /** With whom it is a direct room; whatever the server says later, it stays that. */
  readonly direct: DirectPerson | undefined;
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

  constructor(info: RoomInfo, presence: RoomPresence | undefined, direct?: DirectPerson) {
    this.direct = direct;
    this.unlocked = info.password === 0;
    this.#info = info;
    this.#entered = { version: info.version, head: info.head };
    this.#presence = { online: 0, version: 0, users: new Map(), complete: false };
    this.enter(info, presence);
  }

  /** As people are told it; the server's name is in `info`. */
  get name(): ShownRoomName {
    return shownRoomName(this.#info.name, this.direct);
  }

  get info(): RoomInfo {
    return this.#info;
  }

  get entered(): EnteredAt {
    return this.#entered;
  }

  get settings(): Settings {
    const { name } = this;
    const { retention, hidden, password } = this.#info;
    const { header = HEADER_LAYOUT_FIRST, suite = SUITE_FIRST } = this.#info;
    const retentionHours = retentionHoursOf(this.#info);
    return { name, retention, retentionHours, hidden, password, header, suite, unlocked: this.unlocked };
  }

  get online(): number {
    return this.#presence.online;
  }

  /** Undefined when the server only told a number. */
  isOnline(user: UserId): boolean | undefined {
    return this.#presence.users.get(user)?.online ?? (this.#presence.complete ? false : undefined);
  }

  /** The answer to `enter` is how things are, whatever was known before, but for the layout of headers and the suite. */
  enter(info: RoomInfo, presence: RoomPresence | undefined): void {
    this.#info = { ...info, ...this.#raisedTo(info) };
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

  /** A person accepted that these are as low as that. */
  accepted({ rosterVersion, header: shownHeader, suite: shownSuite }: ToldVersions): void {
    const { header = HEADER_LAYOUT_FIRST, suite = SUITE_FIRST, ...info } = this.#info;
    const lower = raised({ header: Math.min(header, shownHeader), suite: Math.min(suite, shownSuite) });
    this.#info = { ...info, version: Math.min(info.version, rosterVersion), ...lower };
    this.#settingsVersion = Math.min(this.#settingsVersion, rosterVersion);
  }

  sawPosition(seq: number): void {
    if (seq > this.#info.head) this.#info = { ...this.#info, head: seq };
  }

  sawVersion(version: number): void {
    if (version > this.#info.version) this.#info = { ...this.#info, version };
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

  /** Of two nodes, the older settings may come last. */
  applySettings({ version, ...settings }: EventBody<'room'>): void {
    const { name, retention, retentionHours, hidden, password, header, suite, life } = settings;
    this.storing.settings(version, retention);
    if (version >= this.#settingsVersion) {
      this.#settingsVersion = version;
      const { retentionHours: _former, ...info } = this.#info;
      const kept = { retention, ...(retentionHours === undefined ? {} : { retentionHours }) };
      this.#info = { ...info, ...kept, name, hidden, password, ...this.#raisedTo({ header, suite }) };
      // Without one, a gateway of an earlier release speaks.
      if (life !== undefined) this.setLife(life);
    }
    this.sawVersion(version);
  }

  /** They only rise: a gateway of an earlier release says nothing of them, and others lie when they lower them. */
  #raisedTo({
    header = HEADER_LAYOUT_FIRST,
    suite = SUITE_FIRST,
  }: Raised): Pick<RoomInfo, 'header' | 'suite'> {
    return raised({
      header: Math.max(header, this.#info.header ?? HEADER_LAYOUT_FIRST),
      suite: Math.max(suite, this.#info.suite ?? SUITE_FIRST),
    });
  }

  /** What the room is said to have as its life; what that is worth is for LifeJudge to say. */
  setLife(life: Uint8Array): void {
    this.#info = { ...this.#info, life };
  }

  /** The own role, as a roster event told it. */
  setRole(role: RoomInfo['role']): void {
    this.#info = { ...this.#info, role };
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
}

/** What stands in a room's info only if it is not the first one. */
function raised({ header, suite }: Pick<Settings, 'header' | 'suite'>): Pick<RoomInfo, 'header' | 'suite'> {
  return {
    ...(header === HEADER_LAYOUT_FIRST ? {} : { header }),
    ...(suite === SUITE_FIRST ? {} : { suite }),
  };
}

export function isSameSettings(a: Settings, b: Settings): boolean {
  return (
    a.name === b.name &&
    a.retentionHours === b.retentionHours &&
    a.hidden === b.hidden &&
    a.password === b.password &&
    a.header === b.header &&
    a.suite === b.suite &&
    a.unlocked === b.unlocked
  );
}
