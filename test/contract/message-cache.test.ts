import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMessageCache } from '../../client/profile/open-message-cache.ts';
import { MemoryMessageCache } from '../../client/sdk/storage/memory-message-cache.ts';
import { messageCacheContract } from './message-cache-contract.ts';

messageCacheContract('memory', async (bytesMax) => {
  const cache = new MemoryMessageCache(bytesMax === undefined ? {} : { bytesMax });
  return { cache, other: cache, [Symbol.asyncDispose]: () => Promise.resolve() };
});

messageCacheContract('LMDB', async (bytesMax) => {
  const directory = await mkdtemp(join(tmpdir(), 'conclave-cache-'));
  const [path, key] = [join(directory, 'cache'), randomBytes(32)];
  const options = bytesMax === undefined ? {} : { bytesMax };
  const one = await openMessageCache(path, key, options);
  const other = await openMessageCache(path, key, options);
  return {
    ...{ cache: one.cache, other: other.cache },
    [Symbol.asyncDispose]: async () => {
      await one.close();
      await other.close();
      await rm(directory, { recursive: true });
    },
  };
});
