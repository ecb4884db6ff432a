import { openMessageCache } from '../../../client/profile/open-message-cache.ts';

/** Reads every record of a cache; with the name of a signal it sends that to itself before it would close the cache. */
const [path = '', key = '', signal = ''] = process.argv.slice(2);

const { cache, close } = await openMessageCache(path, Buffer.from(key, 'hex'));
for await (const _ of cache.newest(undefined, Date.now())) {
  // Only read.
}
if (signal !== '') process.kill(process.pid, signal);
await close();
