import { randomUUID } from 'node:crypto';
import {
  REVOCATION_LIFE_MS,
  REVOCATIONS_CACHED_MAX,
  type Revocation,
  type Revocations,
} from '../../ports/revocations.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Keys } from './keys.ts';
import { chunks, replyList, replyNumber } from './reply.ts';
import { type RunScript, Script } from './script.ts';

const BATCH_USERS_MAX = 1000;
const FILL_ATTEMPTS_MAX = 3;

/**
 * One hash holds the times and the mark, so they are lost together. It ends after the longest life of a token and is
 * filled again with what still matters. One that grows too large before is dropped, so it does not grow without end.
 * KEYS revocations. ARGV life (ms), most entries, token of the fill or '', 'begin' | 'go on' | 'end', pairs of user and time.
 * Answers 0 when the data was lost since this fill began.
 */
const raiseTimes: Script = new Script(`
local fill, phase = ARGV[3], ARGV[4]
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[2]) then redis.call('DEL', KEYS[1]) end
if fill ~= '' and phase ~= 'begin' and redis.call('HEXISTS', KEYS[1], fill) == 0 then return 0 end
if fill ~= '' and phase == 'begin' then redis.call('HSET', KEYS[1], fill, 1) end
for i = 5, #ARGV, 2 do
  if tonumber(ARGV[i + 1]) > tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '0') then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
if phase == 'end' then
  redis.call('HDEL', KEYS[1], fill)
  redis.call('HSET', KEYS[1], 'complete', 1)
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
elseif redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return 1
`);

/** KEYS revocations. ARGV users. */
const readTimes: Script = new Script(`return redis.call('HMGET', KEYS[1], 'complete', unpack(ARGV))`);

/** The cache of revocations in Redis. */
export class RedisRevocations implements Revocations {
  readonly #run: RunScript;
  readonly #keys: Keys;
  readonly #max: number;

  constructor(run: RunScript, keys: Keys, max: number = REVOCATIONS_CACHED_MAX) {
    this.#run = run;
    this.#keys = keys;
    this.#max = max;
  }

  async notBefore(who: readonly UserId[]): Promise<number | undefined> {
    const [complete, ...times] = replyList(await this.#run(readTimes, [this.#keys.revocations], who));
    return complete === null ? undefined : Math.max(0, ...times.map((time) => replyNumber(time ?? 0)));
  }

  async add(revocations: readonly Revocation[]): Promise<void> {
    for (const batch of chunks(revocations, BATCH_USERS_MAX)) await this.#raise('', 'go on', batch);
  }

  async fill(revocations: readonly Revocation[]): Promise<void> {
    for (let attempt = 0; attempt < FILL_ATTEMPTS_MAX; attempt += 1)
      if (await this.#fillOnce(revocations)) return;
    throw new Unavailable('limits', new Error('the cache lost its data while it was filled'));
  }

  async #fillOnce(revocations: readonly Revocation[]): Promise<boolean> {
    const token = `fill:${randomUUID()}`;
    await this.#raise(token, 'begin', []);
    for (const batch of chunks(revocations, BATCH_USERS_MAX))
      if (!(await this.#raise(token, 'go on', batch))) return false;
    return this.#raise(token, 'end', []);
  }

  async #raise(token: string, phase: string, batch: readonly Revocation[]): Promise<boolean> {
    const pairs = batch.flatMap(({ user, notBefore }) => [user, notBefore]);
    const args = [REVOCATION_LIFE_MS, this.#max, token, phase, ...pairs];
    return replyNumber(await this.#run(raiseTimes, [this.#keys.revocations], args)) === 1;
  }
}
