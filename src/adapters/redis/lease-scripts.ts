import { Script } from './script.ts';

const NOW = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
`;

/** KEYS leases. ARGV incarnation, life (ms). */
export const takeLease: Script = new Script(`${NOW}
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
return 1
`);

/** KEYS leases. ARGV incarnation, life (ms). Answers 0 when the lease is gone or over: it may have been reaped since. */
export const refreshLease: Script = new Script(`${NOW}
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or tonumber(score) <= now then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
return 1
`);

/** KEYS leases. ARGV incarnation. What is left of it is the reapers', at once. */
export const endLease: Script = new Script(`
return redis.call('ZADD', KEYS[1], 'XX', 0, ARGV[1])
`);

/** KEYS leases. ARGV incarnation. After everything of it was removed. */
export const forgetLease: Script = new Script(`
return redis.call('ZREM', KEYS[1], ARGV[1])
`);

/** KEYS leases. Answers two lists: incarnations that live, incarnations whose lease is over. */
export const listLeases: Script = new Script(`${NOW}
return {
  redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf'),
  redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now),
}
`);

/** KEYS rooms and users of an incarnation. ARGV life (ms). */
export const keepLists: Script = new Script(`
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[1])
return 1
`);

/** KEYS rooms or users of an incarnation. ARGV life (ms), members. */
export const addToList: Script = new Script(`
redis.call('SADD', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
`);

/** KEYS rooms or users of an incarnation. ARGV members. */
export const removeFromList: Script = new Script(`
return redis.call('SREM', KEYS[1], unpack(ARGV))
`);

/** KEYS rooms and users of an incarnation. Answers both. */
export const readLists: Script = new Script(`
return {redis.call('SMEMBERS', KEYS[1]), redis.call('SMEMBERS', KEYS[2])}
`);

/** KEYS rooms and users of an incarnation. */
export const dropLists: Script = new Script(`
return redis.call('DEL', KEYS[1], KEYS[2])
`);

/** KEYS reaper of an incarnation. ARGV who, life (ms). Answers 1 when nobody else is at it. */
export const claimReaping: Script = new Script(`
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0
`);
