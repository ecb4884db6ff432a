import { encodeNotice } from '../domain/envelope.ts';
import {
  type EndingKind,
  endsMembership,
  formatSettings,
  memberOf,
  type RoomView,
  type RosterChange,
  type RosterMember,
  retentionOf,
} from '../domain/roster.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { concatBytes } from '../protocol/bytes.ts';
import type { MemberEntry, WaitingInvitation } from '../protocol/entities.ts';
import { idBytes, type RoomId, type UserId } from '../protocol/ids.ts';
import type { UserName } from '../protocol/names.ts';
import { encodeEvent } from '../protocol/server-codec.ts';
import type { Caller } from './caller.ts';
import type { Identities, KnownIdentity } from './identities.ts';
import { CONTROL_CHANNEL, type Publisher, roomChannel } from './publisher.ts';

/** What the wire says about one stretch of membership. */
export function memberEntry(member: RosterMember, known: KnownIdentity, left?: number): MemberEntry {
  const { user, role, joined, since } = member;
  const entry = { user, name: known.name, role, joined, since, identity: known.identity };
  return left === undefined ? entry : { ...entry, left };
}

/** Who put a member out of a room, and why. It is told once and stored nowhere: a change that is told again later is told without. */
export interface Expulsion {
  readonly by: UserName;
  readonly why?: string;
}

/** A request on this node ended a membership. The user's sessions here leave the room, and all but `by` hear of it. */
export interface Departure {
  readonly room: RoomId;
  readonly user: UserId;
  readonly reason: 'left' | 'deleted';
  /** The session that asked: its reply says it. */
  readonly by: string;
}

/** Tells nodes and members of roster changes. Telling a change twice is harmless: it carries its version. */
export class RoomAnnouncer {
  readonly #publisher: Publisher;
  readonly #identities: Identities;
  readonly #telemetry: Telemetry;
  #onDeparture: (departure: Departure) => void = () => undefined;

  constructor(publisher: Publisher, identities: Identities, telemetry: Telemetry) {
    this.#publisher = publisher;
    this.#identities = identities;
    this.#telemetry = telemetry;
  }

  /** One listener: this node's own rooms. It runs before the request is answered, whether or not the broker works. */
  onDeparture(listener: (departure: Departure) => void): void {
    this.#onDeparture = listener;
  }

  departed(departure: Departure): void {
    this.#onDeparture(departure);
  }

  /** One change on the room's channel; `floor` as it is since then. Throws Unavailable when the member's document can't be read. */
  async announce(view: RoomView, change: RosterChange, expulsion?: Expulsion): Promise<void> {
    const { room } = view;
    const { version } = change;
    if (change.kind === 'settings') {
      const { name, hidden, password, suite, life } = view;
      const event = encodeEvent('room', {
        ...{ room, name, ...retentionOf(view), hidden, password: password.number, version: view.version },
        ...formatSettings(view),
        ...(life !== undefined && { life }),
      });
      const notice = { about: 'settings', room, version, floor: view.floor, event } as const;
      await this.#publish(room, encodeNotice({ ...notice, ...(suite !== undefined && { suite }) }));
      return;
    }
    const { kind, formerOwner } = change;
    const ended = endsMembership(kind);
    const member = ended ? change.before : change.after;
    if (member === undefined) throw new TypeError(`a roster change of kind ${kind} names no member`);
    const demoted: RosterMember | undefined = formerOwner && { ...formerOwner, role: 'moderator' };
    const [known, knownFormer] = await this.#identities.find([
      member,
      ...(demoted === undefined ? [] : [demoted]),
    ]);
    if (known === undefined) {
      this.#telemetry.warn('identity_missing');
      return;
    }
    const isPutOut = kind === 'kicked' || kind === 'banned';
    const event = encodeEvent('roster', {
      room,
      version,
      kind: kind === 'banned' ? 'kicked' : kind,
      member: memberEntry(member, known, ended ? version : undefined),
      ...(kind === 'banned' && { banned: true }),
      ...expulsion,
      ...(demoted !== undefined &&
        knownFormer !== undefined && { former: memberEntry(demoted, knownFormer) }),
    });
    const notice = { about: 'roster', room, version, floor: view.floor, user: member.user } as const;
    const gone = isPutOut ? { gone: encodeEvent('room-gone', { room, reason: kind, ...expulsion }) } : {};
    await this.#publish(room, encodeNotice({ ...notice, change: kind, event, ...gone }));
    // Who leaves does so by one of its own sessions, which tells the others when it is done. Told again, it may be over.
    const isOut = memberOf(view, member.user) === undefined;
    if (isOut && isPutOut) await this.#ownRoom(member.user, view, { kind, ...expulsion });
  }

  /** The room was deleted. */
  async roomGone(room: RoomId): Promise<void> {
    const event = encodeEvent('room-gone', { room, reason: 'deleted' });
    await this.#publish(room, encodeNotice({ about: 'room-gone', room, event }));
  }

  /**
   * To the sessions of everyone who was a member, wherever they are, whether they entered the room or not; except for `by`,
   * the session that asked for it.
   */
  async ownRoomDeleted({ room, name, members }: DeletedRoom, by?: string): Promise<void> {
    const event = encodeEvent('own-room', { room, name, kind: 'deleted' });
    const users = concatBytes(...members.map(({ user }) => idBytes(user)));
    const notice = {
      about: 'own-room-deleted',
      room,
      users,
      ...(by !== undefined && { by }),
      event,
    } as const;
    await this.#publisher.publish(CONTROL_CHANNEL, encodeNotice(notice));
  }

  /** To the user's sessions, wherever they are, except for `by`, the session that asked for it. */
  ownRoom(
    user: UserId,
    room: Pick<RoomView, 'room' | 'name'>,
    kind: 'joined' | EndingKind,
    by?: string,
  ): Promise<void> {
    return this.#ownRoom(user, room, { kind }, by);
  }

  /** Of an invitation of this user that came, or, without one, was answered; to the user's sessions, except for `by`. */
  async invitation(
    user: UserId,
    room: RoomId,
    invitation: WaitingInvitation | undefined,
    by?: string,
  ): Promise<void> {
    const event = encodeEvent('invitation', { room, ...(invitation !== undefined && { invitation }) });
    const notice = { about: 'invitation', user, ...(by !== undefined && { by }), event } as const;
    await this.#publisher.publish(CONTROL_CHANNEL, encodeNotice(notice));
  }

  /** Of the version of a user's state that a session stored; to the user's other sessions. */
  async userState({ user, session }: Caller, version: number): Promise<void> {
    const event = encodeEvent('state', { version });
    const notice = { about: 'state', user, by: session, event } as const;
    await this.#publisher.publish(CONTROL_CHANNEL, encodeNotice(notice));
  }

  async #ownRoom(
    user: UserId,
    { room, name }: Pick<RoomView, 'room' | 'name'>,
    change: { readonly kind: 'joined' | EndingKind } & Partial<Expulsion>,
    by?: string,
  ): Promise<void> {
    const event = encodeEvent('own-room', { room, name, ...change });
    const told = { about: 'own-room', user, room, change: change.kind } as const;
    const notice = { ...told, ...(by !== undefined && { by }), event };
    await this.#publisher.publish(CONTROL_CHANNEL, encodeNotice(notice));
  }

  async #publish(room: RoomId, envelope: Uint8Array): Promise<void> {
    await this.#publisher.publish(roomChannel(room), envelope);
  }
}

type DeletedRoom = Pick<RoomView, 'room' | 'name' | 'members'>;
