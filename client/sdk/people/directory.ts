import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import { type Fingerprint, parseFingerprint, type UserId } from '../../../src/protocol/ids.ts';
import { foldName, parseUserName, type UserName } from '../../../src/protocol/names.ts';
import type { RequestBody } from '../../../src/protocol/requests.ts';
import { type VerifiedIdentity, verifyChain } from '../../crypto/identity.ts';
import { safetyNumber } from '../../crypto/safety-number.ts';
import type { Link } from '../connection/link.ts';
import { localError } from '../errors.ts';
import { keyInfo, type OwnAccount, ownKeys } from './own-account.ts';
import type { People } from './people.ts';
import type { Person, Safety, ShownKey } from './shown.ts';

/** A chain of identities is read this far: 20 pages of 50. */
const CHAIN_PAGES_MAX = 20;

/** The user's chain of signed identities from a sequence on, as the server has it. */
export async function fetchChain(
  link: Link,
  who: { readonly name: UserName } | { readonly user: UserId },
  since: number,
  timeoutMs: number | undefined,
): Promise<{ readonly user: UserId; readonly chain: readonly SignedIdentity[] }> {
  const chain: SignedIdentity[] = [];
  for (let pages = 0; pages < CHAIN_PAGES_MAX; pages += 1) {
    const body: RequestBody<'identity'> = { ...who, since: since + chain.length };
    const page = await link.request('identity', body, { timeoutMs });
    chain.push(...page.chain);
    if (!page.more || page.chain.length === 0) return { user: page.user, chain };
  }
  throw localError('trust', 'keys_endless');
}

interface DirectoryOptions {
  readonly link: Link;
  readonly people: People;
  readonly account: OwnAccount;
  readonly timeoutMs: number | undefined;
}

/** Questions about users by name. What is shown carries the key itself, and decisions about it take that. */
export class Directory {
  readonly #options: DirectoryOptions;

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  async person(user: string): Promise<Person> {
    const name = userNameOf(user);
    const { account, people } = this.#options;
    if (foldName(name) === foldName(account.name)) return this.#self();
    const { id, chain, shown } = await this.#find(name);
    const view = await people.view(id, shown.identity.document.username);
    const standing = view.standingOf(shown.identity);
    // A server that shows an older key of the accepted chain changes nothing: the accepted one is still the latest.
    const pinned = standing === 'former' ? view.current : undefined;
    const accepted = pinned === undefined ? undefined : await people.verified(pinned);
    const identity = accepted ?? shown.identity;
    const { fingerprint, document } = identity;
    const known = chain.some((other) => other.fingerprint === fingerprint) ? chain : [...chain, identity];
    return {
      user: document.username,
      id,
      fingerprint,
      trust: standing === 'changed' ? 'changed' : view.trustIn(fingerprint),
      keys: known.map((other) => ({ ...keyInfo(other), current: other.fingerprint === fingerprint })),
      shown: { user: id, signed: accepted === undefined ? shown.signed : (pinned ?? shown.signed) },
    };
  }

  async safetyNumber(user: string): Promise<Safety> {
    const { user: name, fingerprint, trust, shown } = await this.person(user);
    return {
      user: name,
      number: await safetyNumber(this.#options.account.current.ready.fingerprint, fingerprintOf(fingerprint)),
      trust,
      shown,
    };
  }

  async verify(shown: ShownKey): Promise<void> {
    const { account, people } = this.#options;
    if (shown.user !== account.user) await people.compare(shown);
  }

  async trust(shown: ShownKey): Promise<void> {
    const { account, people } = this.#options;
    if (shown.user === account.user) return;
    const identity = await people.verified(shown.signed);
    if (identity !== undefined && (await people.standing(shown.user, identity)) === 'current') return;
    await people.accept(shown);
  }

  async #find(name: UserName): Promise<Found> {
    const { link, people, timeoutMs } = this.#options;
    const { user: id, chain } = await fetchChain(link, { name }, 0, timeoutMs);
    const verified = await verifyChain(chain);
    const signed = chain.at(-1);
    const identity = verified.ok ? verified.identities.at(-1) : undefined;
    if (
      !verified.ok ||
      signed === undefined ||
      identity === undefined ||
      foldName(identity.document.username) !== foldName(name)
    ) {
      throw localError('trust', 'no_valid_keys', { user: name });
    }
    await people.observe(id, identity.document.username, signed);
    return { id, chain: verified.identities, shown: { identity, signed } };
  }

  #self(): Person {
    const { account } = this.#options;
    return {
      user: account.name,
      id: account.user,
      fingerprint: account.current.ready.fingerprint,
      trust: 'verified',
      keys: ownKeys(account),
      shown: { user: account.user, signed: account.current.signed },
    };
  }
}

interface Found {
  readonly id: UserId;
  readonly chain: readonly VerifiedIdentity[];
  /** The last of the chain. */
  readonly shown: { readonly identity: VerifiedIdentity; readonly signed: SignedIdentity };
}

function userNameOf(user: string): UserName {
  const name = parseUserName(user);
  if (name === undefined) throw localError('invalid_name', 'bad_user_name');
  return name;
}

/** Spaces and capitals come from people who compare by eye. */
function fingerprintOf(text: string): Fingerprint {
  const fingerprint = parseFingerprint(text.replace(/[\s:]/g, '').toLowerCase());
  if (fingerprint === undefined) throw localError('usage', 'bad_fingerprint');
  return fingerprint;
}
