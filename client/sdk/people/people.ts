import { sameBytes, toHex } from '../../../src/protocol/bytes.ts';
import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { type Fingerprint, fingerprintBytes } from '../../../src/protocol/layouts/fingerprint.ts';
import { foldName, type UserName } from '../../../src/protocol/names.ts';
import { successorFault, type VerifiedIdentity, verifyChain, verifyIdentity } from '../../crypto/identity.ts';
import { sha256 } from '../../crypto/web-crypto.ts';
import type { Notice } from '../api.ts';
import type { Clock } from '../connection/clock.ts';
import { ConclaveError } from '../errors.ts';
import { getRecord, packRecord, parseRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';
import type { OwnAccount } from './own-account.ts';
import { nameRecord, PERSON_KEYS_MAX, type PersonRecord, personRecord } from './person-record.ts';
import { ReplacedKeys } from './replaced-keys.ts';
import type { Trust } from './trust-level.ts';

/** Identities looked at before are remembered, so that a roster costs no signature checks twice. */
const SEEN_MAX = 8_192;

/** What became of one identity document that the server showed for a user. */
export interface SeenIdentity {
  /** Undefined when not even its own signatures hold. */
  readonly identity: VerifiedIdentity | undefined;
  /** It is the pinned one, or leads to it by signatures of the keys before. */
  readonly accepted: boolean;
}

interface PeopleOptions {
  readonly state: StateStore;
  readonly account: OwnAccount;
  /** The user's own id, as the server gave it at login. */
  me(): UserId;
  /** The user's chain from a sequence on, as the server has it. */
  fetchChain(user: UserId, since: number): Promise<readonly SignedIdentity[]>;
  notify(notice: Notice): void;
  readonly clock: Pick<Clock, 'wallTime'>;
}

/** Who the users of a server are to this profile: pinned on first use, by id and by name. */
export class People {
  readonly replaced: ReplacedKeys = new ReplacedKeys();
  readonly #options: PeopleOptions;
  readonly #seen = new Map<string, Promise<SeenIdentity>>();
  readonly #chains = new Map<UserId, Promise<readonly VerifiedIdentity[]>>();
  /** Judging is one at a time, so that one change makes one notice. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: PeopleOptions) {
    this.#options = options;
  }

  /** Looks at an identity that the server shows for a user, pins it on first use, takes a signed rotation. */
  async observe(user: UserId, name: UserName, signed: SignedIdentity): Promise<SeenIdentity> {
    const key = `${user}:${foldName(name)}:${toHex(await sha256(signed.document))}`;
    const known = this.#seen.get(key);
    if (known !== undefined) return known;
    const seen = this.#turn.then(() => this.#judge(user, name, signed));
    this.#turn = seen.catch(() => undefined);
    this.#seen.set(key, seen);
    if (this.#seen.size > SEEN_MAX) this.#seen.delete(this.#seen.keys().next().value ?? key);
    // What failed for want of a connection, or was refused, is looked at afresh next time.
    seen
      .then(({ accepted }) => (accepted ? undefined : this.#seen.delete(key)))
      .catch(() => this.#seen.delete(key));
    return seen;
  }

  record(user: UserId): Promise<PersonRecord | undefined> {
    return getRecord(this.#options.state, 'people', user, personRecord);
  }

  /** How far the accepted identity of a user is trusted. */
  async trustOf(user: UserId, seen: Pick<SeenIdentity, 'accepted'>): Promise<Trust> {
    if (!seen.accepted) return 'changed';
    return user === this.#options.me() || (await this.#isVerified(user)) ? 'verified' : 'pinned';
  }

  /** The accepted identity of this user with this fingerprint, also one that was replaced. */
  async acceptedIdentity(user: UserId, fingerprint: Fingerprint): Promise<VerifiedIdentity | undefined> {
    const record = await this.record(user);
    const bytes = fingerprintBytes(fingerprint);
    const chain = await this.#chain(user);
    const found = chain.find((identity) => identity.fingerprint === fingerprint);
    if (found === undefined || record === undefined) return undefined;
    if (record.keys.some((key) => sameBytes(key.fingerprint, bytes))) return found;
    return (await this.#leadsToPinned(chain, record)) ? found : undefined;
  }

  /** Takes what waits as this user's identity. */
  async accept(user: UserId): Promise<void> {
    const pending = (await this.record(user))?.pending;
    if (pending === undefined) return;
    const result = await verifyIdentity(pending.identity);
    if (!result.ok) throw new ConclaveError('trust', 'the identity that waits does not hold');
    await this.#options.state.update('names', foldName(pending.name), () => ({
      value: packRecord(nameRecord, { user }),
      result: undefined,
    }));
    await this.#update(user, (current) =>
      withKey({ ...settled(current), name: pending.name, current: pending.identity }, result.identity),
    );
    this.replaced.note(user, { current: pending.identity });
    this.#forget(user);
  }

  /** Marks the accepted identity with this fingerprint as compared by people. */
  async markVerified(user: UserId, fingerprint: Fingerprint): Promise<void> {
    const bytes = fingerprintBytes(fingerprint);
    await this.#update(user, (current) =>
      current.keys.at(-1) !== undefined && sameBytes(current.keys.at(-1)?.fingerprint ?? bytes, bytes)
        ? { ...current, verified: true }
        : current,
    );
  }

  async #isVerified(user: UserId): Promise<boolean> {
    return (await this.record(user))?.verified === true;
  }

  async #judge(user: UserId, name: UserName, signed: SignedIdentity): Promise<SeenIdentity> {
    const result = await verifyIdentity(signed);
    if (!result.ok || foldName(result.identity.document.username) !== foldName(name))
      return { identity: undefined, accepted: false };
    const { identity } = result;
    const { account, me } = this.#options;
    if (foldName(name) === foldName(account.name) || user === me()) {
      const isOwn = account.identities.some(({ verified }) =>
        sameBytes(verified.documentHash, identity.documentHash),
      );
      return { identity, accepted: isOwn && user === me() };
    }
    const record = await this.record(user);
    if (
      !(await this.#ownsName(user, name)) ||
      (record !== undefined && foldName(record.name) !== foldName(name))
    ) {
      return this.#suspect(user, name, signed, identity);
    }
    if (record !== undefined) this.replaced.note(user, record);
    else {
      await this.#pin(user, { name, current: signed, keys: [keyOf(identity)], verified: false });
      return { identity, accepted: true };
    }
    if (record.keys.some((key) => sameBytes(key.fingerprint, fingerprintBytes(identity.fingerprint))))
      return { identity, accepted: true };
    if (await this.#isRotation(user, record, signed, identity)) return { identity, accepted: true };
    return this.#suspect(user, name, signed, identity);
  }

  /** Whether a name belongs to this user; it is claimed when nobody has it. */
  #ownsName(user: UserId, name: UserName): Promise<boolean> {
    return this.#options.state.update('names', foldName(name), (current) => {
      const owner = parseRecord(nameRecord, current)?.user;
      if (owner !== undefined) return { result: owner === user };
      return { value: packRecord(nameRecord, { user }), result: true };
    });
  }

  async #pin(user: UserId, record: PersonRecord): Promise<void> {
    // Another process may have been first: its pin stays.
    await this.#options.state.update('people', user, (current) =>
      current === undefined
        ? { value: packRecord(personRecord, record), result: undefined }
        : { result: undefined },
    );
  }

  /** The identity follows the pinned one by signatures, or came before it. */
  async #isRotation(
    user: UserId,
    record: PersonRecord,
    signed: SignedIdentity,
    identity: VerifiedIdentity,
  ): Promise<boolean> {
    const pinned = await verifyIdentity(record.current);
    if (!pinned.ok) return false;
    const { sequence } = pinned.identity.document;
    if (identity.document.sequence <= sequence) {
      const chain = await this.#chain(user);
      return (
        chain.some(({ documentHash }) => sameBytes(documentHash, identity.documentHash)) &&
        (await this.#leadsToPinned(chain, record))
      );
    }
    const steps = await this.#steps(user, pinned.identity, identity);
    if (steps === undefined) return false;
    const since = this.#options.clock.wallTime();
    await this.#update(user, (current) => ({
      ...steps.reduce(withKey, settled(current)),
      current: signed,
      since,
    }));
    this.replaced.note(user, { current: signed, since });
    this.#forget(user);
    this.#options.notify({
      type: 'key-rotated',
      user: record.name,
      fingerprint: identity.fingerprint,
      wasVerified: record.verified,
    });
    return true;
  }

  /** Every identity from the pinned one to a later one, the pinned one left out; undefined when a link is missing. */
  async #steps(
    user: UserId,
    pinned: VerifiedIdentity,
    identity: VerifiedIdentity,
  ): Promise<readonly VerifiedIdentity[] | undefined> {
    if (identity.document.sequence === pinned.document.sequence + 1) {
      return (await successorFault(pinned, identity)) === undefined ? [identity] : undefined;
    }
    const fetched = await this.#options.fetchChain(user, pinned.document.sequence + 1);
    const chain = await verifyChain(fetched, pinned);
    if (!chain.ok) return undefined;
    const end = chain.identities.findIndex(({ documentHash }) =>
      sameBytes(documentHash, identity.documentHash),
    );
    return end < 0 ? undefined : chain.identities.slice(0, end + 1);
  }

  async #suspect(
    user: UserId,
    name: UserName,
    signed: SignedIdentity,
    identity: VerifiedIdentity,
  ): Promise<SeenIdentity> {
    const pending = { name, identity: signed };
    const news = await this.#options.state.update('people', user, (current) => {
      const record = parseRecord(personRecord, current) ?? {
        name,
        current: signed,
        keys: [],
        verified: false,
      };
      const told =
        record.pending !== undefined && sameBytes(record.pending.identity.document, signed.document);
      return told
        ? { result: false }
        : { value: packRecord(personRecord, { ...record, pending }), result: true };
    });
    if (news) this.#options.notify({ type: 'key-changed', user: name, fingerprint: identity.fingerprint });
    return { identity, accepted: false };
  }

  /** The user's whole chain, checked link by link; empty when it does not hold. */
  #chain(user: UserId): Promise<readonly VerifiedIdentity[]> {
    const known = this.#chains.get(user);
    if (known !== undefined) return known;
    const chain = this.#options.fetchChain(user, 0).then(async (fetched) => {
      const result = await verifyChain(fetched);
      return result.ok ? result.identities : [];
    });
    this.#chains.set(user, chain);
    if (this.#chains.size > SEEN_MAX) this.#chains.delete(this.#chains.keys().next().value ?? user);
    chain.catch(() => this.#chains.delete(user));
    return chain;
  }

  async #leadsToPinned(chain: readonly VerifiedIdentity[], record: PersonRecord): Promise<boolean> {
    const pinned = await sha256(record.current.document);
    return record.keys.length > 0 && chain.some(({ documentHash }) => sameBytes(documentHash, pinned));
  }

  async #update(user: UserId, change: (current: PersonRecord) => PersonRecord): Promise<void> {
    await this.#options.state.update('people', user, (current) => {
      const record = parseRecord(personRecord, current);
      return record === undefined
        ? { result: undefined }
        : { value: packRecord(personRecord, change(record)), result: undefined };
    });
  }

  #forget(user: UserId): void {
    this.#chains.delete(user);
    for (const key of this.#seen.keys()) if (key.startsWith(user)) this.#seen.delete(key);
  }
}

function keyOf({ fingerprint, document }: VerifiedIdentity): PersonRecord['keys'][number] {
  return {
    fingerprint: fingerprintBytes(fingerprint),
    sequence: document.sequence,
    created: document.createdAt,
  };
}

function withKey(record: PersonRecord, identity: VerifiedIdentity): PersonRecord {
  const key = keyOf(identity);
  const others = record.keys.filter(({ fingerprint }) => !sameBytes(fingerprint, key.fingerprint));
  return { ...record, keys: [...others, key].slice(-PERSON_KEYS_MAX) };
}

/** After a new identity was taken nothing waits any more, and nobody has compared it yet. */
function settled({ pending: _taken, ...record }: PersonRecord): PersonRecord {
  return { ...record, verified: false };
}
