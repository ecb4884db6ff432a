import { sameBytes } from '../../../src/protocol/bytes.ts';
import { type Fingerprint, fingerprintBytes, type UserId } from '../../../src/protocol/ids.ts';
import { HASH_BYTES } from '../../../src/protocol/limits.ts';
import { foldName, type UserName } from '../../../src/protocol/names.ts';
import { bytes, map, uint } from '../../../src/protocol/shape.ts';
import type { Clock } from '../connection/clock.ts';
import { packRecord, parseRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';
import type { OwnAccount } from './own-account.ts';
import type { PersonView } from './person-view.ts';
import type { Standing } from './trust-model.ts';

/** `session/own-key`: the present key of this account, and when this profile first used it, in milliseconds since 1970. */
export const ownKeyRecord = map({ fingerprint: bytes(HASH_BYTES), since: uint() });

interface OwnStandingOptions {
  readonly state: StateStore;
  readonly account: OwnAccount;
  readonly clock: Pick<Clock, 'wallTime'>;
}

/** The user's own keys need no pins: the key file says which they are. Nobody else has the own name or the own id. */
export class OwnStanding {
  readonly #options: OwnStandingOptions;

  constructor(options: OwnStandingOptions) {
    this.#options = options;
  }

  concerns(user: UserId, name: UserName): boolean {
    const { account } = this.#options;
    return user === account.user || foldName(name) === foldName(account.name);
  }

  view(user: UserId): PersonView {
    const { current } = this.#options.account;
    return {
      isKnown: true,
      standingOf: ({ fingerprint }) => this.of(user, fingerprint),
      trustIn: (key) => (this.of(user, key) === 'changed' ? 'changed' : 'verified'),
      wasCurrent: () => true,
      since: () => this.#since(),
      sequence: current.verified.document.sequence,
      current: current.signed,
    };
  }

  of(user: UserId, key: Fingerprint): Standing {
    const { account } = this.#options;
    if (user !== account.user || !account.identities.some((own) => own.ready.fingerprint === key))
      return 'changed';
    return account.current.ready.fingerprint === key ? 'current' : 'former';
  }

  /** When the present keys came into use here. Undefined: they are the account's first. */
  async #since(): Promise<number | undefined> {
    const { account, clock, state } = this.#options;
    if (account.current.verified.document.sequence === 0) return undefined;
    const fingerprint = fingerprintBytes(account.current.ready.fingerprint);
    const now = clock.wallTime();
    return state.update('session', 'own-key', (stored) => {
      const known = parseRecord(ownKeyRecord, stored);
      if (known !== undefined && sameBytes(known.fingerprint, fingerprint)) return { result: known.since };
      return { value: packRecord(ownKeyRecord, { fingerprint, since: now }), result: now };
    });
  }
}
