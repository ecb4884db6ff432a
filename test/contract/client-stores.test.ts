import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { MemoryChainStore } from '../../client/crypto/memory-chain-store.ts';
import { openLmdbEnvironment } from '../../client/profile/lmdb-environment.ts';
import { Profile } from '../../client/profile/profile.ts';
import { memoryStorage } from '../../client/sdk/index.ts';
import { MemoryState } from '../../client/sdk/storage/memory-state.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { AsynchronousChains, AsynchronousState } from '../support/sdk/asynchronous-stores.ts';
import { chainStoreContract } from './chain-store-contract.ts';
import { keyStoreContract } from './key-store-contract.ts';
import { senderChainsContract } from './sender-chains-contract.ts';
import { stateStoreContract } from './state-store-contract.ts';

const nothing = (): Promise<void> => Promise.resolve();

/** Two handles on one new LMDB file. */
async function onDisk() {
  const directory = await mkdtemp(join(tmpdir(), 'conclave-stores-'));
  const [path, dataKey] = [join(directory, 'state'), randomBytes(32)];
  const [one, other] = [await openLmdbEnvironment(path, dataKey), await openLmdbEnvironment(path, dataKey)];
  return {
    ...{ one, other },
    [Symbol.asyncDispose]: async () => {
      await one.close();
      await other.close();
      await rm(directory, { recursive: true });
    },
  };
}

for (const [name, open] of [
  ['memory', () => new MemoryState()],
  ['asynchronous reads', () => new AsynchronousState()],
] as const)
  stateStoreContract(name, async () => {
    const store = open();
    return { store, other: store, [Symbol.asyncDispose]: nothing };
  });
stateStoreContract('LMDB', async () => {
  const { one, other, ...disk } = await onDisk();
  return { store: one.state, other: other.state, ...disk };
});

for (const [name, open] of [
  ['memory', () => new MemoryChainStore()],
  ['asynchronous reads', () => new AsynchronousChains()],
] as const)
  chainStoreContract(name, async () => {
    const store = open();
    return { store, other: store, [Symbol.asyncDispose]: nothing };
  });
chainStoreContract('LMDB', async () => {
  const { one, other, ...disk } = await onDisk();
  return { store: one.chains, other: other.chains, ...disk };
});

for (const [name, open] of [
  ['memory', () => ({ state: new MemoryState(), chains: new MemoryChainStore() })],
  ['asynchronous reads', () => ({ state: new AsynchronousState(), chains: new AsynchronousChains() })],
] as const)
  senderChainsContract(name, async () => {
    const stores = open();
    return { stores, others: stores, [Symbol.asyncDispose]: nothing };
  });
senderChainsContract('LMDB', async () => {
  const { one, other, ...disk } = await onDisk();
  return { stores: one, others: other, ...disk };
});

keyStoreContract('memory', async (account) => {
  const { keys } = memoryStorage(account);
  return { store: keys, other: keys, [Symbol.asyncDispose]: nothing };
});
keyStoreContract('key file', async (account) => {
  const directory = await mkdtemp(join(tmpdir(), 'conclave-keys-'));
  const profile = new Profile(join(directory, 'conclave'));
  const origin = parseOrigin('ws://127.0.0.1:8080') ?? expect.unreachable();
  await profile.create(origin, account, undefined);
  const one = await profile.open(origin, account.name, undefined);
  const other = await profile.open(origin, account.name, undefined);
  return {
    ...{ store: one.keys, other: other.keys },
    [Symbol.asyncDispose]: async () => {
      await one.close();
      await other.close();
      await rm(directory, { recursive: true });
    },
  };
});
