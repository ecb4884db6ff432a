import { type RunScript, Script } from './script.ts';

/** Longer than the pause between two probes; what a dead node wrote is gone soon. */
const KEPT_MS = 10_000;

/**
 * Writes as the services do, by a script: a string that expires (limits), a deletion, a hash (clocks, presence). A Redis
 * that is full, can't persist, lacks replicas, or denies this user one of these commands refuses it, though it answers PING.
 */
const writeProbe: Script = new Script(`
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'at', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`);

/** Throws Unavailable when the shard that serves this key refuses writes. */
export async function probeWrite(run: RunScript, key: string): Promise<void> {
  await run(writeProbe, [key], [Date.now(), KEPT_MS]);
}
