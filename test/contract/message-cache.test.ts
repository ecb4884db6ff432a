import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMessageCache } from '../../client/profile/open-message-cache.ts';
import { MemoryMessageCache } from '../../client/sdk/storage/memory-message-cache.ts';
import { messageCacheContract } from './message-cache-contract.ts';

messageCacheContract('memory', (bytesMax) =>
  Promise.resolve({
    cache: new MemoryMessageCache(bytesMax === undefined ? {} : { bytesMax }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
);

messageCacheContract('LMDB', async (bytesMax) => {
  const directory = await mkdtemp(join(tmpdir(), 'conclave-cache-'));
  const { cache, close } = await openMessageCache(
    join(directory, 'cache'),
    randomBytes(32),
    bytesMax === undefined ? {} : { bytesMax },
  );
  return {
    cache,
    [Symbol.asyncDispose]: async () => {
      await close();
      await rm(directory, { recursive: true });
    },
  };
});
