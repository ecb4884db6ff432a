import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { ChainStore } from '../../crypto/chain-store.ts';
import type { PrekeyChain } from '../../crypto/epochs/prekeys.ts';
import type { PrivateKeyBytes } from '../../crypto/identity-keys.ts';
import { MemoryChainStore } from '../../crypto/memory-chain-store.ts';
import { MemoryState } from './memory-state.ts';
import type { MessageCache } from './message-cache.ts';
import { type Sharing, unshared } from './sharing.ts';
import type { StateStore } from './state-store.ts';

/** One identity of the user's own, with its private keys. Secret: a storage encrypts it. */
export interface OwnIdentity {
  readonly signed: SignedIdentity;
  readonly keys: PrivateKeyBytes;
  /** From which all copies of the account derive its prekeys. Absent: an earlier release made the identity, and none were needed yet. */
  readonly prekeys?: PrekeyChain;
}

/** The keys of one account: all of its identities, oldest first, since old copies open only with old keys. */
export interface AccountKeys {
  readonly name: UserName;
  readonly identities: readonly OwnIdentity[];
  /**
   * New keys that the server was, or is about to be, asked to put in place of the last ones. Whether it did shows at a
   * login: its challenge opens with the keys that are in force.
   */
  readonly pending?: OwnIdentity;
}

/**
 * The keys as they are stored, which every process that shares the storage may change. A resolved `update` is durable and
 * atomic among them all: nobody changes the keys between what `change` was given and what it returned. `change` must be
 * pure; when it returns what it was given, nothing is written. Both give what is stored then, and share no bytes with it.
 */
export interface KeyStore {
  load(): Promise<AccountKeys>;
  update(change: (stored: AccountKeys) => AccountKeys): Promise<AccountKeys>;
}

/** What a client is given to keep its account in. `state` belongs to one account on one server. */
export interface AccountStorage {
  /** As it was when the storage was opened. */
  readonly account: AccountKeys;
  readonly keys: KeyStore;
  readonly state: StateStore;
  readonly chains: ChainStore;
  readonly sharing: Sharing;
  /** Where opened messages are kept; undefined: nowhere, so each is opened again and there is nothing to search. */
  readonly cache: MessageCache | undefined;
}

/** A storage that lives as long as the page or the process. */
export function memoryStorage(
  account: AccountKeys,
  options: { readonly cache?: MessageCache } = {},
): AccountStorage {
  return {
    account,
    keys: memoryKeys(account),
    state: new MemoryState(),
    chains: new MemoryChainStore(),
    sharing: unshared,
    cache: options.cache,
  };
}

function memoryKeys(account: AccountKeys): KeyStore {
  let stored = structuredClone(account);
  return {
    load: async () => structuredClone(stored),
    update: async (change) => {
      const before = structuredClone(stored);
      const changed = change(before);
      if (changed !== before) stored = structuredClone(changed);
      return structuredClone(stored);
    },
  };
}
