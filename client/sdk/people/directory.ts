import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { type Fingerprint, parseFingerprint } from '../../../src/protocol/layouts/fingerprint.ts';
import { foldName, parseUserName, type UserName } from '../../../src/protocol/names.ts';
import type { RequestBody } from '../../../src/protocol/requests.ts';
import { type VerifiedIdentity, verifyChain } from '../../crypto/identity.ts';
import { safetyNumber } from '../../crypto/safety-number.ts';
import type { Person, Safety } from '../api.ts';
import type { Link } from '../connection/link.ts';
import { ConclaveError } from '../errors.ts';
import { keyInfo, type OwnAccount, ownKeys } from './own-account.ts';
import type { People } from './people.ts';

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
  throw new ConclaveError('trust', 'the chain of identities has no end');
}

interface DirectoryOptions {
  readonly link: Link;
  readonly people: People;
  readonly account: OwnAccount;
  readonly timeoutMs: number | undefined;
  me(): UserId;
}

interface Found {
  readonly id: UserId;
  readonly name: UserName;
  readonly current: VerifiedIdentity;
  readonly accepted: boolean;
  readonly chain: readonly VerifiedIdentity[];
}

/** Questions about users by name, and a person's decisions about them. */
export class Directory {
  readonly #options: DirectoryOptions;

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  async person(user: string): Promise<Person> {
    const name = userNameOf(user);
    const { account, people } = this.#options;
    if (foldName(name) === foldName(account.name)) return this.#self();
    const { id, current, accepted, chain } = await this.#find(name);
    const keys = chain.map((identity) => ({ ...keyInfo(identity), current: identity === current }));
    return {
      user: current.document.username,
      id,
      fingerprint: current.fingerprint,
      trust: await people.trustOf(id, { accepted }),
      keys,
    };
  }

  async safetyNumber(user: string): Promise<Safety> {
    const { user: name, fingerprint, trust } = await this.person(user);
    return {
      user: name,
      number: await safetyNumber(this.#options.account.current.ready.fingerprint, fingerprintOf(fingerprint)),
      trust,
    };
  }

  async verify(user: string, fingerprint: string | undefined): Promise<Person> {
    const wanted = fingerprint === undefined ? undefined : fingerprintOf(fingerprint);
    const person = await this.person(user);
    if (person.trust === 'changed')
      throw new ConclaveError(
        'trust',
        `the key of ${person.user} is not the one that was seen before; trust it first`,
      );
    if (wanted !== undefined && wanted !== person.fingerprint)
      throw new ConclaveError('trust', `the fingerprint of ${person.user} is another one`);
    await this.#options.people.markVerified(person.id, fingerprintOf(person.fingerprint));
    return this.person(user);
  }

  async trust(user: string): Promise<Person> {
    const name = userNameOf(user);
    if (foldName(name) === foldName(this.#options.account.name)) return this.#self();
    // What the server shows now is what is accepted, not what it showed another day.
    const { id, accepted } = await this.#find(name);
    if (!accepted) await this.#options.people.accept(id);
    return this.person(user);
  }

  async #find(name: UserName): Promise<Found> {
    const { link, people, timeoutMs } = this.#options;
    const { user: id, chain } = await fetchChain(link, { name }, 0, timeoutMs);
    const verified = await verifyChain(chain);
    const signed = chain.at(-1);
    const current = verified.ok ? verified.identities.at(-1) : undefined;
    if (
      !verified.ok ||
      signed === undefined ||
      current === undefined ||
      foldName(current.document.username) !== foldName(name)
    ) {
      throw new ConclaveError('trust', `the server shows no valid identity of ${name}`);
    }
    const { accepted } = await people.observe(id, current.document.username, signed);
    return { id, name, current, accepted, chain: verified.identities };
  }

  #self(): Person {
    const { account, me } = this.#options;
    return {
      user: account.name,
      id: me(),
      fingerprint: account.current.ready.fingerprint,
      trust: 'verified',
      keys: ownKeys(account),
    };
  }
}

function userNameOf(user: string): UserName {
  const name = parseUserName(user);
  if (name === undefined)
    throw new ConclaveError('invalid_name', 'a user name is 3 to 20 ASCII letters and digits');
  return name;
}

/** Spaces and capitals come from people who compare by eye. */
function fingerprintOf(text: string): Fingerprint {
  const fingerprint = parseFingerprint(text.replace(/[\s:]/g, '').toLowerCase());
  if (fingerprint === undefined) throw new ConclaveError('usage', 'a fingerprint has 64 hexadecimal digits');
  return fingerprint;
}
