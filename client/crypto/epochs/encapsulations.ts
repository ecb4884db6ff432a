import { sameBytes } from '../../../src/protocol/bytes.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import type { Encapsulate } from './epoch-wrap.ts';
import { type Encapsulation, xWingEncapsulate } from './x-wing.ts';

interface Ready {
  readonly publicKey: Uint8Array;
  readonly encapsulation: Encapsulation;
}

/**
 * Encapsulations to the prekeys of one room's members, which are most of the work of an epoch. Those of an epoch that was given up
 * before any of it left this client serve the next one.
 */
export class Encapsulations {
  readonly #ready = new Map<UserId, Ready>();

  readonly to: Encapsulate = async ({ user, publicKey }) => {
    const known = this.#ready.get(user);
    if (known !== undefined && sameBytes(known.publicKey, publicKey)) return known.encapsulation;
    const encapsulation = await xWingEncapsulate(publicKey);
    if (encapsulation !== undefined) this.#ready.set(user, { publicKey, encapsulation });
    return encapsulation;
  };

  /** Forgets those for users who are not among these. */
  keepOnly(users: Iterable<UserId>): void {
    const kept = new Set(users);
    for (const user of this.#ready.keys()) if (!kept.has(user)) this.#ready.delete(user);
  }

  /** The wraps that they are in are about to leave this client. */
  spent(): void {
    this.#ready.clear();
  }
}
