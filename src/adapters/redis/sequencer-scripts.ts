import { Script } from './script.ts';

/**
 * All on the hash of one room: seq, version, floor, ceiling, at (of the last position), gone; epoch, and leaseNumber, leaseHolder
 * and leaseUntil of the next one, which rooms of suite 2 have alone.
 * Numbers above 10^14 must not be joined to strings in Lua, which would round them; given to redis.call they are exact.
 */

/** KEYS clock, answer. ARGV version, seen seq, seen version, seen floor, header hash or '', life of the answer (ms). */
export const nextPosition: Script = new Script(`
local c = redis.call('HMGET', KEYS[1], 'seq', 'version', 'floor', 'ceiling', 'at', 'gone')
if c[6] then return {'gone'} end
if ARGV[5] ~= '' then
  local old = redis.call('HMGET', KEYS[2], 'seq', 'at', 'hash')
  if old[1] then return {'repeat', old[1], old[2], old[3]} end
end
if not c[1] then return {'missing'} end
local seq = math.max(tonumber(c[1]), tonumber(ARGV[2]))
local version = math.max(tonumber(c[2]), tonumber(ARGV[3]))
local floor = math.max(tonumber(c[3]), tonumber(ARGV[4]))
local ceiling = tonumber(c[4])
local refusal
if tonumber(ARGV[1]) < floor then
  refusal = {'stale', version, floor}
elseif seq + 1 > ceiling then
  refusal = {'ceiling', ceiling}
end
if refusal then
  redis.call('HSET', KEYS[1], 'seq', seq, 'version', version, 'floor', floor)
  return refusal
end
local t = redis.call('TIME')
local at = math.max(t[1] * 1000 + math.floor(t[2] / 1000), tonumber(c[5]))
redis.call('HSET', KEYS[1], 'seq', seq + 1, 'version', version, 'floor', floor, 'at', at)
if ARGV[5] ~= '' then
  redis.call('HSET', KEYS[2], 'seq', seq + 1, 'at', at, 'hash', ARGV[5])
  redis.call('PEXPIRE', KEYS[2], ARGV[6])
end
return {'position', seq + 1, at}
`);

/** KEYS clock. ARGV pairs of field and number. */
export const raiseClock: Script = new Script(`
if redis.call('HEXISTS', KEYS[1], 'seq') == 0 or redis.call('HEXISTS', KEYS[1], 'gone') == 1 then return 0 end
for i = 1, #ARGV, 2 do
  if tonumber(ARGV[i + 1]) > tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or 0) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return 1
`);

/** KEYS clock. ARGV seq, version, floor, ceiling, epoch. */
export const rebuildClock: Script = new Script(`
if redis.call('HEXISTS', KEYS[1], 'gone') == 1 then return 0 end
if redis.call('HEXISTS', KEYS[1], 'seq') == 0 then
  redis.call('HSET', KEYS[1], 'seq', ARGV[1], 'version', ARGV[2], 'floor', ARGV[3], 'ceiling', ARGV[4], 'epoch', ARGV[5], 'at', 0)
  return 1
end
for i, field in ipairs({'version', 'floor', 'ceiling', 'epoch'}) do
  if tonumber(ARGV[i + 1]) > tonumber(redis.call('HGET', KEYS[1], field) or 0) then
    redis.call('HSET', KEYS[1], field, ARGV[i + 1])
  end
end
return 0
`);

/** KEYS clock. */
export const readClock: Script = new Script(`
return redis.call('HMGET', KEYS[1], 'seq', 'version', 'floor', 'ceiling', 'gone', 'epoch')
`);

/** KEYS clock. ARGV number, holder, life (ms). */
export const leaseEpoch: Script = new Script(`
if redis.call('HEXISTS', KEYS[1], 'seq') == 0 then return 0 end
local c = redis.call('HMGET', KEYS[1], 'leaseNumber', 'leaseHolder', 'leaseUntil')
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if c[1] and c[2] ~= ARGV[2] and tonumber(c[1]) >= tonumber(ARGV[1]) and tonumber(c[3]) > now then
  return tonumber(c[3]) - now
end
redis.call('HSET', KEYS[1], 'leaseNumber', ARGV[1], 'leaseHolder', ARGV[2], 'leaseUntil', now + ARGV[3])
return 0
`);

/** KEYS clock. ARGV holder. */
export const releaseEpoch: Script = new Script(`
if redis.call('HGET', KEYS[1], 'leaseHolder') ~= ARGV[1] then return 0 end
return redis.call('HDEL', KEYS[1], 'leaseNumber', 'leaseHolder', 'leaseUntil')
`);

/** KEYS clock. ARGV life of the mark (ms). */
export const removeClock: Script = new Script(`
redis.call('HSET', KEYS[1], 'gone', 1)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
`);
