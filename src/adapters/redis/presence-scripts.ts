import { Script } from './script.ts';

/** The version of a room that nobody is in is kept so long. */
export const EMPTY_ROOM_LIFE_MS: number = 60 * 60 * 1000;

/**
 * A room's presence is one hash, so that it is lost as a whole or not at all. A user's field is `since|inc=n,inc=n,`:
 * the version at which it came online, and the number of sessions on each incarnation. `version` is at least Redis's
 * time in milliseconds whenever it rises, so it does not go back when the hash was lost.
 */
const ROOM_FUNCTIONS = `
local function nextVersion(key)
  local t = redis.call('TIME')
  local now = t[1] * 1000 + math.floor(t[2] / 1000)
  local version = math.max(now, tonumber(redis.call('HGET', key, 'version') or '0') + 1)
  redis.call('HSET', key, 'version', version)
  return version
end
local function online(key)
  return math.max(0, redis.call('HLEN', key) - redis.call('HEXISTS', key, 'version'))
end
local function split(packed)
  return string.match(packed, '^(%d+)|(.*)$')
end
-- The list without one incarnation, and whether it was in it.
local function without(list, inc)
  local rest, had = {}, false
  for i, n in string.gmatch(list, '(%w+)=(%d+),') do
    if i == inc then had = true else rest[#rest + 1] = i .. '=' .. n .. ',' end
  end
  return table.concat(rest), had
end
-- An empty room keeps its version for a while, lest equal ones are given within one millisecond.
local function settleLife(key, count, life)
  if count == 0 then redis.call('PEXPIRE', key, life) else redis.call('PERSIST', key) end
end
`;

/** KEYS room. ARGV incarnation, user, sessions, life of an empty room (ms). Answers change, online, version, whether the user is online. */
export const stepInRoom: Script = new Script(`${ROOM_FUNCTIONS}
local key, inc, user, n = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local packed = redis.call('HGET', key, user)
local since, list = nil, ''
if packed then since, list = split(packed) end
list = without(list, inc)
if n > 0 then list = list .. inc .. '=' .. ARGV[3] .. ',' end
local change = ''
if not packed and list ~= '' then
  change = 'online'
  since = string.format('%.0f', nextVersion(key))
elseif packed and list == '' then
  change = 'offline'
  nextVersion(key)
end
if list ~= '' then
  redis.call('HSET', key, user, since .. '|' .. list)
elseif packed then
  redis.call('HDEL', key, user)
end
local count = online(key)
if change ~= '' then settleLife(key, count, ARGV[4]) end
return {change, count, redis.call('HGET', key, 'version') or '0', list ~= '' and 1 or 0}
`);

/** KEYS room. ARGV incarnation, life of an empty room (ms). Answers online, version, then user, online, version of each that went offline. */
export const reapInRoom: Script = new Script(`${ROOM_FUNCTIONS}
local key, inc = KEYS[1], ARGV[1]
local all = redis.call('HGETALL', key)
local gone = {}
for f = 1, #all, 2 do
  if all[f] ~= 'version' and string.find(all[f + 1], inc, 1, true) then
    local since, list = split(all[f + 1])
    local rest, had = without(list, inc)
    if had and rest == '' then
      redis.call('HDEL', key, all[f])
      gone[#gone + 1] = all[f]
      local version = nextVersion(key)
      gone[#gone + 1] = online(key)
      gone[#gone + 1] = version
    elseif had then
      redis.call('HSET', key, all[f], since .. '|' .. rest)
    end
  end
end
local count = online(key)
if #gone > 0 then settleLife(key, count, ARGV[2]) end
return {count, redis.call('HGET', key, 'version') or '0', unpack(gone)}
`);

/** KEYS room. ARGV most users. Answers online, version, then user, since of each. */
export const readRoom: Script = new Script(`${ROOM_FUNCTIONS}
local count = online(KEYS[1])
local reply = {count, redis.call('HGET', KEYS[1], 'version') or '0'}
if count > 0 and count <= tonumber(ARGV[1]) then
  local all = redis.call('HGETALL', KEYS[1])
  for f = 1, #all, 2 do
    if all[f] ~= 'version' then
      reply[#reply + 1] = all[f]
      reply[#reply + 1] = split(all[f + 1])
    end
  end
end
return reply
`);

/** KEYS room. Answers online, version, then every incarnation that has an entry. */
export const incarnationsInRoom: Script = new Script(`${ROOM_FUNCTIONS}
local seen, reply = {}, {online(KEYS[1]), redis.call('HGET', KEYS[1], 'version') or '0'}
for _, packed in ipairs(redis.call('HVALS', KEYS[1])) do
  for inc in string.gmatch(packed, '(%w+)=%d+,') do
    if not seen[inc] then
      seen[inc] = true
      reply[#reply + 1] = inc
    end
  end
end
return reply
`);

/**
 * KEYS sessions of a user. ARGV incarnation, sessions, most over all nodes.
 * Answers 'too_many', or 'ok', whether the user has any session, and the time (µs) as its version.
 */
export const stepSessions: Script = new Script(`
local n, own, others = tonumber(ARGV[2]), 0, 0
local all = redis.call('HGETALL', KEYS[1])
for f = 1, #all, 2 do
  if all[f] == ARGV[1] then own = tonumber(all[f + 1]) else others = others + tonumber(all[f + 1]) end
end
if n > own and others + n > tonumber(ARGV[3]) then return {'too_many'} end
if n > 0 then redis.call('HSET', KEYS[1], ARGV[1], n) else redis.call('HDEL', KEYS[1], ARGV[1]) end
local t = redis.call('TIME')
return {'ok', (others + n > 0) and 1 or 0, t[1] * 1000000 + t[2]}
`);
