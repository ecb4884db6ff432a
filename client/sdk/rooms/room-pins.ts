import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import { foldName, type RoomName } from '../../../src/protocol/names.ts';
import { filled } from '../../texts/filled.ts';
import { type LocalFault, texts } from '../../texts/texts.ts';
import { type ConclaveError, localError } from '../errors.ts';
import type { ShownRoomName } from '../shown-room-name.ts';
import { type PinnedLife, packRecord, parseRecord, type RoomPin, roomPinRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';

/** What the server says of a room. */
export interface ToldRoom {
  readonly room: RoomId;
  /** Number of the password setting; 0: the room has no password. */
  readonly password: number;
}

/** What a server says at the moment of sealing. */
export interface ToldVersions {
  /** Number of the password setting. */
  readonly password: number;
  readonly rosterVersion: number;
  /** Layout of headers. */
  readonly header: number;
  readonly suite: number;
}

/**
 * What a profile pins of rooms, under the names that led to them and under their ids. Like the pins of people, these change
 * by what may happen in an honest room, or by a person's decision:
 *
 * - A name leads to one room. After a rename the old name still stands for that room, so that nobody who types it gets into another.
 * - A room with a password does not lose it. The flag stands under each of its names, too.
 * - Numbers of passwords, versions of the roster, layouts of headers and suites only rise; nothing is sealed under a lower one than was seen.
 * - Generations of the direct rooms with one user only rise: an earlier one is not shown as a direct room again.
 * - The joining position only falls, until the end of the membership was shown.
 * - Of the lives that owners signed for a room, the one with the highest number stays.
 */
export class RoomPins {
  readonly #state: StateStore;
  /** Names that the user took from a room, as `ROOM-ID NAME`: what the server tells of that, now or later, binds them no more. */
  readonly #givenUp = new Set<string>();

  constructor(state: StateStore) {
    this.#state = state;
  }

  /** The user's own decision to rename a room: nothing stands for the old name afterwards. */
  async giveUp(room: RoomId, name: RoomName): Promise<void> {
    this.#givenUp.add(`${room} ${foldName(name)}`);
    await this.#change(foldName(name), (pin) => (pin?.room === room ? 'deleted' : undefined));
  }

  async ofName(name: RoomName): Promise<RoomPin | undefined> {
    return parseRecord(roomPinRecord, await this.#state.get('room-names', foldName(name)));
  }

  async ofRoom(room: RoomId): Promise<RoomPin | undefined> {
    return parseRecord(roomPinRecord, await this.#state.get('room-names', `#${room}`));
  }

  /** Pins what is not pinned yet. Rejects with `trust` when something differs from what is, for people, who know the room as `shown`. */
  async check(name: RoomName, told: ToldRoom, shown: ShownRoomName = name): Promise<void> {
    const [byName, byId] = [await this.ofName(name), await this.ofRoom(told.room)];
    const fault = faultOf(shown, told, byName, byId);
    if (fault !== undefined) throw notAccepted(shown, fault);
    // Asked before every message: as a rule there is nothing to write.
    const pinned = (pin: RoomPin | undefined): RoomPin | undefined => pinnedWith(pin, told);
    if (pinned(byName) !== undefined) await this.#change(foldName(name), pinned);
    if (pinned(byId) !== undefined) await this.#change(`#${told.room}`, pinned);
  }

  /** What differs from what is pinned, for people, who know the room as `shown`; undefined when nothing does. */
  async fault(name: RoomName, told: ToldRoom, shown: ShownRoomName = name): Promise<string | undefined> {
    return faultOf(shown, told, await this.ofName(name), await this.ofRoom(told.room));
  }

  /**
   * A decision: the name leads to this room, with this password or none. `versions`: it was shown with these, which may be lower
   * than before; else they stay as they are. Former names of the room stay.
   */
  async accept(name: RoomName, told: ToldRoom, versions?: ToldVersions): Promise<void> {
    const pin = { room: told.room, locked: told.password > 0 };
    await this.#change(foldName(name), () => pin);
    await this.#change(`#${told.room}`, (before) => ({
      ...before,
      ...pin,
      password: told.password,
      ...(versions !== undefined && {
        roster: versions.rosterVersion,
        header: versions.header,
        suite: versions.suite,
      }),
    }));
  }

  /** What the name led to is forgotten. */
  release(name: RoomName): Promise<void> {
    return this.#change(foldName(name), () => 'deleted');
  }

  /** A room that is known by its id has another name: the old name stays bound to it, and the new one is, unless it leads elsewhere. */
  async renamed(room: RoomId, from: RoomName, to: RoomName): Promise<void> {
    if (foldName(from) === foldName(to)) return;
    const known = await this.ofRoom(room);
    const pin = known ?? { room, locked: false };
    await this.#change(foldName(to), (before) =>
      before === undefined || before.room === room ? { room, locked: pin.locked } : undefined,
    );
    if (this.#givenUp.has(`${room} ${foldName(from)}`)) return;
    await this.#change(foldName(from), (before) =>
      before === undefined || before.room === room
        ? { room, locked: pin.locked || before?.locked === true, renamed: to }
        : undefined,
    );
  }

  /** All that went back, for people. */
  async wentBack(name: ShownRoomName, room: RoomId, told: ToldVersions): Promise<readonly string[]> {
    const pin = await this.ofRoom(room);
    const faults = pin === undefined ? [] : lowered(told, pin);
    return faults.map((fault) => filled(texts.local[fault], { room: name }));
  }

  /** Rejects with `trust` when the server went back to an earlier password or roster; what is higher is pinned. */
  async sealing(name: ShownRoomName, room: RoomId, told: ToldVersions): Promise<void> {
    const pin = await this.ofRoom(room);
    if (pin === undefined) throw localError('trust', 'not_pinned', { room: name });
    const [fault] = lowered(told, pin);
    if (fault !== undefined) throw notAccepted(name, filled(texts.local[fault], { room: name }));
    const { password = 0, roster = 0, header = 0, suite = 0 } = pin;
    // Most messages raise nothing, and so write nothing.
    const isRaised = told.rosterVersion > roster || told.header > header || told.suite > suite;
    if (!isRaised && told.password <= password) return;
    await this.#change(`#${room}`, (now) =>
      now === undefined
        ? undefined
        : {
            ...now,
            password: Math.max(now.password ?? 0, told.password),
            roster: Math.max(now.roster ?? 0, told.rosterVersion),
            header: Math.max(now.header ?? 0, told.header),
            suite: Math.max(now.suite ?? 0, told.suite),
          },
    );
  }

  /** A direct room of this generation with a user is said to be there. `former`: there was one of a later generation. */
  async direct(user: UserId, room: RoomId, generation: number): Promise<'current' | 'former'> {
    const key = `@${user}`;
    const known = parseRecord(roomPinRecord, await this.#state.get('room-names', key))?.generation ?? 0;
    // Asked whenever rooms are listed: as a rule there is nothing to write.
    if (known >= generation) return known > generation ? 'former' : 'current';
    await this.#change(key, (pin) =>
      (pin?.generation ?? 0) < generation ? { room, locked: false, generation } : undefined,
    );
    return 'current';
  }

  /** The room is said to have this suite: nothing is sealed in a lower one, whoever has sealed nothing yet included. */
  async raised(room: RoomId, suite: number): Promise<void> {
    const isKnown = (pin: RoomPin | undefined): boolean => pin === undefined || (pin.suite ?? 0) >= suite;
    if (isKnown(await this.ofRoom(room))) return;
    await this.#change(`#${room}`, (pin) =>
      pin === undefined || isKnown(pin) ? undefined : { ...pin, suite },
    );
  }

  /**
   * The position after which the user may read, given what the server says. `raisedFrom`: it rose although no end of the
   * membership was shown, so messages between the two positions may be hidden.
   */
  async joined(
    room: RoomId,
    told: number,
  ): Promise<{ readonly joined: number; readonly raisedFrom?: number }> {
    return this.#state.update('room-names', `#${room}`, (stored) => {
      const pin = parseRecord(roomPinRecord, stored);
      if (pin === undefined || pin.joined === told) return { result: { joined: told } };
      const value = packRecord(roomPinRecord, { ...pin, joined: told });
      const raised = pin.joined !== undefined && told > pin.joined ? { raisedFrom: pin.joined } : {};
      return { value, result: { joined: told, ...raised } };
    });
  }

  /** How long messages stay there by default, as an owner signed it. */
  async lifeOf(room: RoomId): Promise<PinnedLife | undefined> {
    return (await this.ofRoom(room))?.life;
  }

  /** Takes a life that was found right, unless another process has taken a later one. */
  async putLife(room: RoomId, life: PinnedLife): Promise<void> {
    await this.#change(`#${room}`, (pin) =>
      pin === undefined || life.number <= (pin.life?.number ?? 0) ? undefined : { ...pin, life },
    );
  }

  /** A person's decision: the next one that the server shows is taken as the first one was. */
  async forgetLife(room: RoomId): Promise<void> {
    await this.#change(`#${room}`, (pin) => {
      if (pin?.life === undefined) return undefined;
      const { life: _forgotten, ...rest } = pin;
      return rest;
    });
  }

  /** The end of the user's membership was shown: whoever joins again begins at another position. `left`: by the user's own act. */
  async membershipEnded(room: RoomId, how: 'left' | 'told'): Promise<void> {
    await this.#change(`#${room}`, (pin) => {
      if (pin?.joined === undefined) return undefined;
      const { joined: _ended, ...rest } = pin;
      return rest;
    });
    if (how === 'told') return;
    for (const { key, value } of await this.#state.list('room-names')) {
      const pin = parseRecord(roomPinRecord, value);
      if (pin?.room === room && pin.renamed !== undefined) await this.#change(key, () => 'deleted');
    }
  }

  /** `change` gives undefined to leave things as they are. */
  #change(key: string, change: (pin: RoomPin | undefined) => RoomPin | 'deleted' | undefined): Promise<void> {
    return this.#state.update('room-names', key, (stored) => {
      const changed = change(parseRecord(roomPinRecord, stored));
      if (changed === undefined) return { result: undefined };
      return {
        value: changed === 'deleted' ? changed : packRecord(roomPinRecord, changed),
        result: undefined,
      };
    });
  }
}

/** Something differs from what is pinned, and a person may accept it. */
export function notAccepted(room: ShownRoomName, fault: string): ConclaveError {
  return localError('trust', 'not_accepted', { fault, room });
}

/** All that went back. */
function lowered(
  told: ToldVersions,
  { password = 0, roster = 0, header = 0, suite = 0 }: RoomPin,
): readonly LocalFault[] {
  const faults: readonly (readonly [isBack: boolean, fault: LocalFault])[] = [
    [told.password > 0 && told.password < password, 'password_back'],
    [told.rosterVersion < roster, 'members_back'],
    [told.suite < suite, 'suite_back'],
    [told.header < header, 'header_back'],
  ];
  return faults.flatMap(([isBack, fault]) => (isBack ? [fault] : []));
}

function faultOf(
  name: ShownRoomName,
  told: ToldRoom,
  byName: RoomPin | undefined,
  byId: RoomPin | undefined,
): string | undefined {
  if (byName !== undefined && byName.room !== told.room)
    return byName.renamed === undefined
      ? filled(texts.local.name_leads_elsewhere, { room: name })
      : filled(texts.local.former_name_elsewhere, { former: name, room: byName.renamed });
  const wasLocked = byName?.locked === true || byId?.locked === true;
  if (wasLocked && told.password === 0) return filled(texts.local.password_gone, { room: name });
  if (told.password > 0 && told.password < (byId?.password ?? 0))
    return filled(texts.local.password_back, { room: name });
  return undefined;
}

/** First contact, a password that was set since, or a former name that leads there again; undefined when all of it is pinned. */
function pinnedWith(pin: RoomPin | undefined, { room, password }: ToldRoom): RoomPin | undefined {
  const { renamed: _former, ...known } = pin ?? { room, locked: false };
  const locked = known.locked || password > 0;
  const isKnown = pin !== undefined && pin.renamed === undefined && pin.locked === locked;
  return isKnown ? undefined : { ...known, locked };
}
