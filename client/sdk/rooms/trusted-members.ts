import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import type { Fingerprint, UserId } from '../../../src/protocol/ids.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { VerifiedIdentity } from '../../crypto/identity.ts';
import type { Member } from '../../crypto/suite.ts';
import { localError } from '../errors.ts';
import type { Broadcast } from '../event-queue.ts';
import type { Notice } from '../notice.ts';
import type { OwnAccount } from '../people/own-account.ts';
import type { People } from '../people/people.ts';
import type { SealingVerdict } from '../people/person-view.ts';
import type { RoomBook } from './room-book.ts';
import type { RoomRoster } from './room-roster.ts';
import type { RoomState } from './room-state.ts';

export interface TrustedMembersOptions {
  readonly account: OwnAccount;
  readonly people: People;
  readonly book: RoomBook;
  readonly state: RoomState;
  readonly roster: RoomRoster;
  readonly notices: Broadcast<Notice>;
}

/** A member for whom messages may be sealed. */
export interface TrustedMember extends Member {
  readonly name: UserName;
  readonly identity: VerifiedIdentity;
}

/** Whom a message may be sealed for, and what that was found by. */
export interface Trusted {
  readonly version: number;
  readonly generation: number;
  /** Fingerprint of the own present key. */
  readonly own: Fingerprint;
  readonly members: readonly TrustedMember[];
}

/** The members of one room as whoever seals for them has to know them: all of them, each under a key that is accepted now. */
export class TrustedMembers {
  readonly #options: TrustedMembersOptions;
  #trusted: Trusted | undefined;

  constructor(options: TrustedMembersOptions) {
    this.#options = options;
  }

  /**
   * Everybody in the roster; nobody may be there by a key that is not accepted now. What was found holds for the next message, too, as
   * long as neither the roster nor any decision about keys has changed. Rejects with `trust`, `not_a_member`.
   */
  async now(): Promise<Trusted> {
    const { account, people, roster, state } = this.#options;
    const { version, members } = await roster.current();
    refuseThird(state, members, account.user);
    const generation = await people.generation();
    const own = account.current.ready.fingerprint;
    const known = this.#trusted;
    if (known?.version === version && known.generation === generation && known.own === own) return known;
    const recipients: TrustedMember[] = [];
    const verdicts = new Map<SealingVerdict, UserName[]>();
    for (const { user, name, signed, identity } of members) {
      const verdict = identity === undefined ? 'changed' : await this.#verdict(user, name, signed, identity);
      verdicts.set(verdict, [...(verdicts.get(verdict) ?? []), name]);
      if (identity !== undefined) {
        const { fingerprint, rsaEncrypt } = identity;
        recipients.push({ user, name, fingerprint, rsaEncrypt, identity });
      }
    }
    refuseSuspects(verdicts);
    if (!recipients.some(({ user }) => user === account.user))
      throw localError('not_a_member', 'not_among_members', { room: state.name });
    const trusted: Trusted = { version, generation, own, members: recipients };
    this.#trusted = verdicts.has('within_grace') ? undefined : trusted;
    return trusted;
  }

  /** The first message that somebody can read is preceded by a notice, and with `strict` refused. */
  async announce({ members }: Trusted, strict: boolean): Promise<void> {
    const { account, book, notices, people, state } = this.#options;
    const { name } = state;
    const { room } = state.info;
    const users = members.map(({ user }) => user);
    const others = ((await book.members.unwritten(room, users)) ?? []).filter(
      (user) => user !== account.user,
    );
    const names: UserName[] = [];
    for (const user of others) names.push(await people.nameOf(user));
    if (names.length === 0) return;
    if (strict) throw localError('trust', 'new_recipients_refused', { users: names.join(', ') });
    notices.tell({ type: 'new-recipients', room: name, users: names });
  }

  /** What was suspect when the roster was read may have an explanation by now: looked at again before it is refused. */
  async #verdict(
    user: UserId,
    name: UserName,
    signed: SignedIdentity,
    identity: VerifiedIdentity,
  ): Promise<SealingVerdict> {
    const { people } = this.#options;
    const verdict = await people.sealingVerdict(user, identity);
    if (verdict !== 'changed' && verdict !== 'unpinned') return verdict;
    await people.observe(user, name, signed);
    return people.sealingVerdict(user, identity);
  }
}

/** A direct room is for two, whoever a server says is a member. */
function refuseThird(
  { direct, name }: RoomState,
  members: readonly { readonly user: UserId; readonly name: UserName }[],
  own: UserId,
): void {
  const others =
    direct === undefined ? [] : members.filter(({ user }) => user !== own && user !== direct.user);
  if (others.length === 0) return;
  const users = others.map((member) => member.name).join(', ');
  throw localError('trust', 'direct_has_others', { room: name, users });
}

/** Throws when a message would be sealed for a key that is not accepted. */
function refuseSuspects(verdicts: ReadonlyMap<SealingVerdict, readonly UserName[]>): void {
  for (const [verdict, fault] of suspects) {
    const names = verdicts.get(verdict);
    if (names !== undefined) throw localError('trust', fault, { users: names.join(', ') });
  }
}

const suspects = [
  ['changed', 'suspect_key'],
  ['unpinned', 'people_full'],
  ['replaced', 'replaced_key'],
] as const;
