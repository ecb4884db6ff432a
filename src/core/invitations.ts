import { randomBytes } from 'node:crypto';
import type { InviteStore } from '../ports/invite-store.ts';
import type { AdminRefusal, AdminReply } from '../protocol/admin-actions.ts';
import { utf8 } from '../protocol/bytes.ts';
import {
  INVITE_CODE_BYTES,
  type InviteCode,
  inviteCodeOf,
  parseInviteCode,
  shownInviteCode,
} from '../protocol/invite-code.ts';
import type { Rate } from '../protocol/limits.ts';
import type { CoreLimits, WallClock } from './core-parts.ts';
import type { RateGate } from './limits.ts';
import { purposeHash } from './server-hash.ts';

export const INVITE_LIFE_MS: number = 24 * 60 * 60_000;
/** Over all nodes: a script of an operator that goes wrong does not fill the store. */
export const INVITES_RATE: Rate = { count: 10_000, periodMs: INVITE_LIFE_MS, burst: 10_000 };

/** Codes that let in one account each, where accounts are made by invitation only. The store knows their hashes. */
export class Invitations {
  readonly #store: InviteStore;
  readonly #gate: RateGate;
  readonly #limits: CoreLimits;
  readonly #clock: WallClock;

  constructor(store: InviteStore, gate: RateGate, limits: CoreLimits, clock: WallClock) {
    this.#store = store;
    this.#gate = gate;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** A new code. It is told once, here. */
  async invite(): Promise<AdminReply<'invite'> | AdminRefusal> {
    const { registration } = this.#limits;
    if (registration !== 'invite') {
      const message = `CONCLAVE_REGISTRATION is ${registration} on this node: invitations are for "invite"`;
      return { refused: 'not_by_invitation', message };
    }
    if ((await this.#gate.take('invites', INVITES_RATE, 'all')) !== undefined)
      return {
        refused: 'busy',
        message: 'no more than 10,000 invitations are made in a day: try again later',
      };
    const code = inviteCodeOf(new Uint8Array(randomBytes(INVITE_CODE_BYTES)));
    const expiresAt = this.#clock.nowMs() + INVITE_LIFE_MS;
    await this.#store.add({ hash: hashOf(code), expiresAt });
    return { code: shownInviteCode(code), expiresAt };
  }

  /**
   * Whether this code, as a person typed it, is an invitation of this account from now on. `account` is the hash of the
   * identity document, which makes one account at most: so it may be asked again, and still lets in one.
   */
  async claim(text: string, account: Uint8Array): Promise<boolean> {
    const code = parseInviteCode(text);
    return code !== undefined && this.#store.claim(hashOf(code), account, this.#clock.nowMs());
  }

  /** No account came of it: somebody else may use the code. */
  async giveBack(text: string, account: Uint8Array): Promise<void> {
    const code = parseInviteCode(text);
    if (code !== undefined) await this.#store.release(hashOf(code), account);
  }
}

function hashOf(code: InviteCode): Uint8Array {
  return purposeHash('invite-code', utf8(code));
}
