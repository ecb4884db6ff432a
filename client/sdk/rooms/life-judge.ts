import { sameBytes } from '../../../src/protocol/bytes.ts';
import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import {
  parseRoomLife,
  type RoomLife,
  type SignedRoomLife,
} from '../../../src/protocol/layouts/room-life.ts';
import { ROOM_LIFE_STEP_MAX } from '../../../src/protocol/limits.ts';
import type { VerifiedIdentity } from '../../crypto/identity.ts';
import { isSignedBy } from '../../crypto/room-life.ts';
import type { OwnAccount } from '../people/own-account.ts';
import type { People } from '../people/people.ts';
import type { PinnedLife } from '../storage/records.ts';
import type { LifeFault } from './life-fault.ts';
import type { RoomRoster } from './room-roster.ts';
import type { RoomState } from './room-state.ts';

/** `same`: it says what is pinned, or there is neither. */
export type LifeVerdict = 'same' | { readonly taken: RoomLife } | { readonly fault: LifeFault };

export interface LifeJudgeOptions {
  readonly account: OwnAccount;
  readonly people: Pick<People, 'acceptedIdentity' | 'standing'>;
  readonly roster: Pick<RoomRoster, 'current'>;
  readonly state: RoomState;
}

/**
 * Looks at the life that a server shows for a room: a pinned one gives way only to one with a higher number, signed by whoever owns
 * the room now, with the key that is accepted for that user now. Whoever owned it before, and keys from before a rotation, set nothing
 * any more, but for an heir who was away: until the new owner's client has signed one itself, it takes what the signer of the pinned
 * one decided last. Who owns the room is the server's word, so it could have shown that one before it told of the hand-over.
 */
export class LifeJudge {
  readonly #options: LifeJudgeOptions;

  constructor(options: LifeJudgeOptions) {
    this.#options = options;
  }

  async judge(told: Uint8Array | undefined, pinned: PinnedLife | undefined): Promise<LifeVerdict> {
    const compared = comparedLife(told, pinned, this.#options.state.info.room);
    if (compared === 'same' || 'fault' in compared) return compared;
    const fault = await this.#signatureFault(compared, pinned);
    return fault === undefined ? { taken: compared.life } : { fault };
  }

  async #signatureFault(
    signed: SignedRoomLife,
    pinned: PinnedLife | undefined,
  ): Promise<LifeFault | undefined> {
    const { user } = signed.life;
    const { account, roster } = this.#options;
    const { members } = await roster.current();
    const owner = members.find(({ role }) => role === 'owner')?.user;
    const isInherited = owner === account.user && user === signerOf(pinned);
    if (user !== owner && !isInherited) return 'not_owner';
    const identity = await this.#presentIdentity(user, signed.life);
    if (identity === undefined) return 'not_owner';
    return (await isSignedBy(signed, identity)) ? undefined : 'forged';
  }

  /** Of a user, if the key that a life names is the accepted one. */
  async #presentIdentity(user: UserId, { fingerprint }: RoomLife): Promise<VerifiedIdentity | undefined> {
    const { account, people } = this.#options;
    if (user === account.user) {
      const { verified } = account.current;
      return verified.fingerprint === fingerprint ? verified : undefined;
    }
    const identity = await people.acceptedIdentity(user, fingerprint);
    const isPresent = identity !== undefined && (await people.standing(user, identity)) === 'current';
    return isPresent && identity.fingerprint === fingerprint ? identity : undefined;
  }
}

const signerOf = (pinned: PinnedLife | undefined): UserId | undefined =>
  pinned && parseRoomLife(pinned.signed)?.life.user;

/** What a server shows beside what is pinned: the same, another that may follow if its signature holds, or one that may not. */
export function comparedLife(
  told: Uint8Array | undefined,
  pinned: PinnedLife | undefined,
  room: RoomId,
): 'same' | SignedRoomLife | { readonly fault: LifeFault } {
  if (told === undefined) return pinned === undefined ? 'same' : { fault: 'gone' };
  if (pinned !== undefined && sameBytes(told, pinned.signed)) return 'same';
  const signed = parseRoomLife(told);
  if (signed === undefined || signed.life.room !== room) return { fault: 'forged' };
  if (pinned === undefined) return signed;
  const { number, seconds } = signed.life;
  if (number === pinned.number && seconds === pinned.seconds) return 'same';
  const isNext = number > pinned.number && number <= pinned.number + ROOM_LIFE_STEP_MAX;
  return isNext ? signed : { fault: 'differs' };
}
