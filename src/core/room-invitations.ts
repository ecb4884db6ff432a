import type { RoomView } from '../domain/roster.ts';
import type { ContactStore, StoredInvitation } from '../ports/contact-store.ts';
import type { Account } from '../ports/identity-store.ts';
import type { RoomStore } from '../ports/room-store.ts';
import type { WaitingInvitation } from '../protocol/entities.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import { mayLogIn } from './account-proofs.ts';
import type { Caller } from './caller.ts';
import type { CoreLimits, WallClock } from './core-parts.ts';
import type { Identities } from './identities.ts';
import type { RateGate } from './limits.ts';
import type { RoomAnnouncer } from './room-announcer.ts';

interface RoomInvitationsParts {
  readonly contacts: ContactStore;
  readonly rooms: RoomStore;
  readonly identities: Identities;
  readonly rates: RateGate;
  readonly limits: CoreLimits;
  readonly announcer: RoomAnnouncer;
  readonly clock: WallClock;
}

/** One answer for every reason for which somebody can't be invited: the inviter can't tell them apart. */
export function unreachable(): Refusal {
  return refuse('unreachable', { message: 'this user takes no invitation from you at present' });
}

/** Throws Unavailable. */
export async function somebodyElse(
  identities: Identities,
  caller: Caller,
  user: UserId,
): Promise<Account | Refusal> {
  if (user === caller.user) return refuse('bad_request', { message: 'user: that is the caller' });
  return (await identities.account(user)) ?? refuse('invalid_name', { message: 'nobody has this id' });
}

/** Invitations of one user by another. All methods throw Unavailable. */
export class RoomInvitations {
  readonly #parts: RoomInvitationsParts;

  constructor(parts: RoomInvitationsParts) {
    this.#parts = parts;
  }

  /** Charges an attempt to invite, whatever comes of it. */
  async charge(caller: Caller, to: UserId): Promise<Refusal | undefined> {
    const { rates, limits } = this.#parts;
    return (
      (await rates.take('invites_user', limits.rateInvitesUser, caller.user)) ??
      (await rates.take('invites_pair', limits.rateInvitesPair, `${caller.user}:${to}`))
    );
  }

  /** Whoever it is that is to be invited. */
  async invitee(caller: Caller, to: UserId): Promise<Account | Refusal> {
    const { contacts, identities } = this.#parts;
    const account = await somebodyElse(identities, caller, to);
    if (isRefusal(account)) return account;
    const isBlocked = await contacts.isBlocked(to, caller.user);
    return isBlocked || !mayLogIn(account) ? unreachable() : account;
  }

  /** Undefined: it waits, and the invited user's sessions were told. */
  async deliver(
    caller: Caller,
    to: UserId,
    view: Pick<RoomView, 'room' | 'name' | 'password'>,
    invitation: Omit<StoredInvitation, 'room' | 'from' | 'at'>,
  ): Promise<Refusal | undefined> {
    const { announcer, clock, contacts, identities } = this.#parts;
    const nowMs = clock.nowMs();
    const stored = { ...invitation, room: view.room, from: caller.user, at: nowMs };
    const outcome = await contacts.invite(to, stored, nowMs);
    if (outcome === 'full') return unreachable();
    if ((await identities.account(to))?.closed !== false) {
      // Closed meanwhile: whoever cleared up may have been here before.
      await contacts.remove(to);
      return unreachable();
    }
    if (outcome === 'waiting') return undefined;
    await announcer.invitation(to, view.room, shown(stored, view, caller.name));
    return undefined;
  }

  async waiting(user: UserId): Promise<readonly WaitingInvitation[]> {
    const { clock, contacts, identities, rooms } = this.#parts;
    const stored = await contacts.invitations(user, clock.nowMs());
    if (stored.length === 0) return [];
    const [summaries, names] = await Promise.all([
      rooms.summaries(stored.map(({ room }) => room)),
      identities.names(stored.map(({ from }) => from)),
    ]);
    const byId = new Map(summaries.map((summary) => [summary.room, summary]));
    return stored.flatMap((each) => {
      const [summary, fromName] = [byId.get(each.room), names.get(each.from)];
      // Of a room that is being deleted.
      if (summary === undefined || fromName === undefined) return [];
      return [shown(each, { ...summary, password: { number: summary.hasPassword ? 1 : 0 } }, fromName)];
    });
  }

  /** The user answered it; the other sessions of the user hear that it is gone. */
  async dismiss(caller: Caller, room: RoomId): Promise<void> {
    const { announcer, contacts } = this.#parts;
    if (await contacts.dismiss(caller.user, room))
      await announcer.invitation(caller.user, room, undefined, caller.session);
  }
}

function shown(
  { room, from, kind, at, letter }: StoredInvitation,
  { name, password }: Pick<RoomView, 'name' | 'password'>,
  fromName: WaitingInvitation['fromName'],
): WaitingInvitation {
  const facts = { room, name, password: password.number > 0, kind, from, fromName, at };
  return letter === undefined ? facts : { ...facts, letter };
}
