import { MemoryChainStore } from '../../../client/crypto/memory-chain-store.ts';
import { type AccountStorage, memoryStorage } from '../../../client/sdk/index.ts';
import { MemoryState } from '../../../client/sdk/storage/memory-state.ts';
import { stateTables } from '../../../client/sdk/storage/state-store.ts';

/** A storage of its own, with the same keys and memories, as after an import or from a backup; but without the ledger of chains. */
export async function copyOf({ keys, state }: AccountStorage, name: string): Promise<AccountStorage> {
  const copied = new MemoryState();
  for (const table of stateTables)
    for (const { key, value } of await state.list(table))
      await copied.update(table, key, () => ({ value, result: undefined }));
  const sharing = { holder: 'this', mayRun: () => true, copy: name };
  return { ...memoryStorage(await keys.load()), state: copied, chains: new MemoryChainStore(), sharing };
}
