import type { UserId } from '../../../src/protocol/ids.ts';
import { parseIdentityDocument } from '../../../src/protocol/layouts/identity-document.ts';
import type { VerifiedIdentity } from '../../crypto/identity.ts';
import type { PersonRecord } from './person-record.ts';

/**
 * So long after new keys of a user were accepted a roster may still list the old ones: the server completes a rotation room
 * by room, at the latest when the node that began it is found dead.
 */
export const REPLACED_GRACE_MS = 60_000;

/** Users with keys that took the place of others; the one noted first is forgotten first. */
const NOTED_MAX = 100_000;

/**
 * Which keys are too old to encrypt to. A server that goes on listing keys that were replaced, or goes back to them, would
 * have us write to whoever stole them.
 */
export class ReplacedKeys {
  readonly #newest = new Map<UserId, { readonly sequence: number; readonly sinceMs: number }>();

  /** What is pinned of a user. */
  note(user: UserId, { current, since = 0 }: Pick<PersonRecord, 'current' | 'since'>): void {
    const parsed = parseIdentityDocument(current.document);
    this.#newest.delete(user);
    if (!parsed.ok || parsed.document.sequence === 0) return;
    this.#newest.set(user, { sequence: parsed.document.sequence, sinceMs: since });
    if (this.#newest.size > NOTED_MAX) this.#newest.delete(this.#newest.keys().next().value ?? user);
  }

  /** `nowMs`: since 1970. */
  has(user: UserId, { document }: VerifiedIdentity, nowMs: number): boolean {
    const newest = this.#newest.get(user);
    if (newest === undefined || document.sequence >= newest.sequence) return false;
    return Math.abs(nowMs - newest.sinceMs) > REPLACED_GRACE_MS;
  }
}
