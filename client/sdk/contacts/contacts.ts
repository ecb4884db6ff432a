import type { WaitingInvitation } from '../../../src/protocol/entities.ts';
import type { EventBody } from '../../../src/protocol/events.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';
import { INVITATIONS_WAITING_MAX, SUITE_LAST } from '../../../src/protocol/limits.ts';
import type { RoomName } from '../../../src/protocol/names.ts';
import { signInvitation, verifiedInvitation } from '../../crypto/invitation.ts';
import type { Clock } from '../connection/clock.ts';
import type { Link } from '../connection/link.ts';
import { hasCode, localError } from '../errors.ts';
import type { Broadcast } from '../event-queue.ts';
import type { Directory } from '../people/directory.ts';
import type { OwnAccount } from '../people/own-account.ts';
import type { People } from '../people/people.ts';
import type { Person } from '../people/shown.ts';
import type { DirectRooms } from '../rooms/direct-rooms.ts';
import type { Membership } from '../rooms/membership.ts';
import type { OwnRoom } from '../rooms/own-room.ts';
import type { RoomBook } from '../rooms/room-book.ts';
import type { ShownRoomName } from '../shown-room-name.ts';
import type { BlockedUser, ContactNotice, Contacts, RoomInvitation } from './invitation.ts';

/** Pages of the block list that are read: more than it can have. */
const BLOCKS_PAGES_MAX = 10;

interface ContactBookOptions {
  readonly account: OwnAccount;
  readonly book: RoomBook;
  readonly clock: Pick<Clock, 'wallTime'>;
  readonly directory: Directory;
  readonly directs: DirectRooms;
  readonly link: Link;
  readonly membership: Membership;
  readonly people: People;
  readonly notices: Pick<Broadcast<ContactNotice>, 'tell'>;
  readonly timeoutMs: number | undefined;
  /** The user is no member of this room any more. */
  readonly left: (room: RoomId) => void;
}

/** Direct rooms, invitations and the block list, as the server has them, and as far as signatures and pins bear them out. */
export class ContactBook implements Contacts {
  readonly #options: ContactBookOptions;
  /** Invitations that were told of: those that wait longer are told once. */
  #told: ReadonlySet<RoomId> = new Set();

  constructor(options: ContactBookOptions) {
    this.#options = options;
  }

  async direct(user: string): Promise<OwnRoom> {
    const { directs, link, membership, timeoutMs } = this.#options;
    const person = await this.#accepted(user);
    const body = { user: person.id, suite: SUITE_LAST };
    const { info } = await link.request('direct', body, { timeoutMs });
    const { direct } = info;
    const isTheirs = direct?.user === person.id && (await directs.isNamedFor(info.name, direct));
    if (!isTheirs) throw localError('trust', 'direct_to_other', { user: person.user });
    const own = await membership.accept(info);
    if (own.room !== `@${person.user}`) throw localError('trust', 'direct_to_other', { user: person.user });
    return own;
  }

  async invite(room: string, user: string): Promise<Person> {
    const { account, book, clock, link, membership, timeoutMs } = this.#options;
    const person = await this.#accepted(user);
    const id = await membership.idOf(room);
    const name = (await book.record(id))?.name;
    if (name === undefined) throw localError('not_a_member', 'not_in_room', { room });
    const invitation = { from: account.user, to: person.id, room: id, name, at: clock.wallTime() };
    const letter = await signInvitation(account.current.ready, invitation);
    await link.request('invite', { room: id, user: person.id, letter }, { timeoutMs });
    return person;
  }

  async waiting(): Promise<readonly RoomInvitation[]> {
    const { link, timeoutMs } = this.#options;
    const { invitations } = await link.request('invitations', {}, { timeoutMs });
    const shown: RoomInvitation[] = [];
    for (const each of invitations) {
      const proven = await this.#proven(each);
      if (proven !== undefined) shown.push(proven);
    }
    return shown;
  }

  async accept(invitation: RoomInvitation, password?: string): Promise<OwnRoom> {
    const { membership } = this.#options;
    const { id, kind, name, room } = invitation;
    // What the inviter signed is what is joined: the name has to lead to exactly this room.
    const own =
      kind === 'direct'
        ? (await membership.own()).find((each) => each.id === id)
        : await membership.join(name, password, id);
    if (own === undefined) throw localError('not_a_member', 'not_in_room', { room });
    await this.answered(id);
    return own;
  }

  async decline({ id, kind }: RoomInvitation): Promise<void> {
    if (kind === 'direct') await this.#leave(id);
    await this.answered(id);
  }

  async block(user: string): Promise<Person> {
    const { directory, link, membership, timeoutMs } = this.#options;
    const person = await directory.person(user);
    await link.request('block', { user: person.id }, { timeoutMs });
    const direct = (await membership.own()).find(({ direct: other }) => other === person.id);
    if (direct !== undefined) await this.#leave(direct.id);
    return person;
  }

  async unblock(user: string): Promise<Person> {
    const { directory, link, timeoutMs } = this.#options;
    const person = await directory.person(user);
    await link.request('unblock', { user: person.id }, { timeoutMs });
    return person;
  }

  async blocked(): Promise<readonly BlockedUser[]> {
    const { link, timeoutMs } = this.#options;
    const blocked: BlockedUser[] = [];
    let cursor: Uint8Array | undefined;
    for (let pages = 0; pages < BLOCKS_PAGES_MAX; pages += 1) {
      const page = await link.request('blocks', cursor === undefined ? {} : { cursor }, { timeoutMs });
      blocked.push(...page.users.map(({ user: id, name: user }) => ({ user, id })));
      cursor = page.cursor;
      if (cursor === undefined) break;
    }
    return blocked.sort((one, other) => (one.user.toLowerCase() < other.user.toLowerCase() ? -1 : 1));
  }

  async #leave(room: RoomId): Promise<void> {
    const { left, membership } = this.#options;
    await membership.leave(room);
    left(room);
  }

  /** Tells of what waits and was not told of yet: events may have been lost, and nobody was there for earlier ones. */
  async tellWaiting(): Promise<void> {
    const { link, notices } = this.#options;
    if (!link.has('invitations')) return;
    const before = this.#told;
    const waiting = await this.waiting();
    this.#told = new Set(waiting.map(({ id }) => id));
    for (const invitation of waiting)
      if (!before.has(invitation.id)) notices.tell({ type: 'invited', invitation });
  }

  /** The invitation to a room that the user joined or left is answered by that, too. */
  async answered(room: RoomId): Promise<void> {
    const { link, timeoutMs } = this.#options;
    if (link.has('invitations')) await link.request('dismiss', { room }, { timeoutMs });
  }

  /** What the server says live. */
  async heard({ room: id, invitation }: EventBody<'invitation'>): Promise<void> {
    const { notices } = this.#options;
    if (invitation === undefined) return notices.tell({ type: 'invitation-gone', id });
    const proven = await this.#proven(invitation);
    if (proven === undefined) return;
    this.#told = new Set([...this.#told, proven.id].slice(-INVITATIONS_WAITING_MAX));
    notices.tell({ type: 'invited', invitation: proven });
  }

  /** Undefined: nothing bears out what the server says; that is told, once each time it says so. */
  async #proven(told: WaitingInvitation): Promise<RoomInvitation | undefined> {
    const { notices } = this.#options;
    const person = await this.#inviter(told);
    const shown =
      person === undefined
        ? undefined
        : told.kind === 'direct'
          ? await this.#directName(told, person)
          : await this.#signedName(told, person);
    if (person === undefined || shown === undefined) {
      notices.tell({ type: 'invitation-unproven', from: told.fromName, room: told.name });
      return undefined;
    }
    const { id: user, user: from, fingerprint, trust } = person;
    const { room: id, kind, password, at } = told;
    return { kind, ...shown, id, from, user, fingerprint, trust, password, at };
  }

  /** Who is named has to be who has the id. */
  async #inviter({ from, fromName }: WaitingInvitation): Promise<Person | undefined> {
    try {
      const person = await this.#options.directory.person(fromName);
      return person.id === from ? person : undefined;
    } catch (error) {
      if (hasCode(error, 'trust', 'invalid_name')) return undefined;
      throw error;
    }
  }

  async #directName(
    { room: id }: WaitingInvitation,
    { id: user }: Person,
  ): Promise<{ readonly room: ShownRoomName; readonly name: RoomName } | undefined> {
    const { book, membership } = this.#options;
    const own = (await membership.own()).find((each) => each.id === id && each.direct === user);
    const name = (await book.record(id))?.name;
    return own === undefined || name === undefined ? undefined : { room: own.room, name };
  }

  async #signedName(
    { letter, room }: WaitingInvitation,
    { shown: { user, signed } }: Person,
  ): Promise<{ readonly room: RoomName; readonly name: RoomName } | undefined> {
    const { account, people } = this.#options;
    const identity = await people.verified(signed);
    if (letter === undefined || identity === undefined) return undefined;
    const invitation = await verifiedInvitation(letter, identity);
    const isThis = invitation?.from === user && invitation.to === account.user && invitation.room === room;
    return isThis ? { room: invitation.name, name: invitation.name } : undefined;
  }

  /** By a key that is accepted. Rejects with `trust`. */
  async #accepted(user: string): Promise<Person> {
    const person = await this.#options.directory.person(user);
    if (person.id === this.#options.account.user) throw localError('usage', 'contact_oneself');
    if (person.trust === 'changed') throw localError('trust', 'suspect_key', { users: person.user });
    return person;
  }
}
