import { sameBytes } from '../../../src/protocol/bytes.ts';
import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import type { Prekey } from '../../../src/protocol/layouts/prekey.ts';
import { PREKEYS_PAGE_MAX, ROOM_MEMBERS_MAX } from '../../../src/protocol/limits.ts';
import type { EpochMember } from '../../crypto/epochs/epoch-wrap.ts';
import { prekeyWeek, verifiedPrekey } from '../../crypto/epochs/prekeys.ts';
import type { Clock } from '../connection/clock.ts';
import type { Link } from '../connection/link.ts';
import { localError } from '../errors.ts';
import type { OwnAccount } from '../people/own-account.ts';
import type { OwnPrekeys } from '../people/own-prekeys.ts';
import type { PrekeyWeeks } from './prekey-weeks.ts';
import type { RoomState } from './room-state.ts';
import type { TrustedMember } from './trusted-members.ts';

/** Signatures that are checked at the same time: each waits for a thread of the platform. */
const VERIFIED_AT_ONCE = 16;
/** A page may be empty and still name the next one. */
const PAGES_MAX = 2 * Math.ceil(ROOM_MEMBERS_MAX / PREKEYS_PAGE_MAX);

export interface MemberPrekeysOptions {
  readonly account: OwnAccount;
  readonly book: { readonly prekeyWeeks: PrekeyWeeks };
  readonly clock: Clock;
  readonly link: Link;
  readonly prekeys: OwnPrekeys;
  readonly state: RoomState;
}

interface WithPrekeys {
  readonly members: readonly EpochMember[];
  /** Who had a prekey, and is now said to have none, or an earlier one. */
  readonly gone: readonly TrustedMember[];
  /** The server shows one for this account that is not of this profile. */
  readonly ownDiffer: boolean;
}

/** The prekeys of a room's members for this week, as far as they hold. */
export class MemberPrekeys {
  readonly #options: MemberPrekeysOptions;

  constructor(options: MemberPrekeysOptions) {
    this.#options = options;
  }

  async of(trusted: readonly TrustedMember[]): Promise<WithPrekeys> {
    const { account, book, link, prekeys, state } = this.#options;
    const listed = await listedPrekeys(link, state.info.room, undefined);
    const members: EpochMember[] = [];
    const gone: TrustedMember[] = [];
    let ownDiffer = false;
    const verified = await this.#allVerified(trusted, listed);
    for (const member of trusted) {
      const shown = verified.get(member.user);
      if (member.user === account.user) {
        const own = await prekeys.current();
        // Another copy of the account may have published others: the long-term keys open the wrap for all of them.
        ownDiffer = shown !== undefined && !(own !== undefined && sameBytes(own.publicKey, shown.publicKey));
        members.push(ownDiffer || own === undefined ? member : { ...member, prekey: own });
        continue;
      }
      if (shown === undefined && (await book.prekeyWeeks.had(member))) gone.push(member);
      if (shown !== undefined) await book.prekeyWeeks.saw(member, shown.week);
      members.push(shown === undefined ? member : { ...member, prekey: shown });
    }
    return { members, gone, ownDiffer };
  }

  async #allVerified(
    trusted: readonly TrustedMember[],
    listed: ReadonlyMap<UserId, Uint8Array>,
  ): Promise<ReadonlyMap<UserId, Prekey | undefined>> {
    const verified = new Map<UserId, Prekey | undefined>();
    for (let at = 0; at < trusted.length; at += VERIFIED_AT_ONCE) {
      const some = trusted.slice(at, at + VERIFIED_AT_ONCE);
      const found = await Promise.all(some.map((member) => this.#verified(member, listed.get(member.user))));
      for (const [i, { user }] of some.entries()) verified.set(user, found[i]);
    }
    return verified;
  }

  /** Only of the week that it is: an earlier one may be opened by keys that should be deleted by now. */
  async #verified(
    { user, identity }: TrustedMember,
    signed: Uint8Array | undefined,
  ): Promise<Prekey | undefined> {
    if (signed === undefined) return undefined;
    const { document, fingerprint, ed25519Verify } = identity;
    const { createdAt } = document;
    const prekey = await verifiedPrekey(signed, { user, fingerprint, createdAt, ed25519Verify });
    return prekey?.week === prekeyWeek(createdAt, this.#options.clock.wallTime()) ? prekey : undefined;
  }
}

/** Of the members that have one for this week, as the server tells. */
export async function listedPrekeys(
  link: Link,
  room: RoomId,
  timeoutMs: number | undefined,
): Promise<ReadonlyMap<UserId, Uint8Array>> {
  const found = new Map<UserId, Uint8Array>();
  let cursor: Uint8Array | undefined;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const body = cursor === undefined ? { room } : { room, cursor };
    const page = await link.request('prekeys', body, { timeoutMs });
    for (const { user, prekey } of page.prekeys) found.set(user, prekey);
    cursor = page.cursor;
    if (cursor === undefined) return found;
  }
  throw localError('too_large', 'members_endless');
}
