import type { RateLimits, RateOutcome } from '../../ports/rate-limits.ts';
import type { Rate } from '../../protocol/limits.ts';
import type { Keys } from './keys.ts';
import { replyNumber } from './reply.ts';
import { type RunScript, Script } from './script.ts';

/**
 * The token bucket as one number (GCRA): the time at which it would be full again. KEYS limit.
 * ARGV milliseconds per token, burst, cost. Answers 0, or the milliseconds to wait. A full bucket needs no key.
 */
const takeTokens: Script = new Script(`
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local perToken, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local price = math.min(tonumber(ARGV[3]), burst) * perToken
local full = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0')) + price
local wait = full - burst * perToken - now
if wait > 0.001 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.max(1, math.ceil(full - now)))
return 0
`);

/** KEYS limit. ARGV milliseconds per token, burst, cost. */
const returnTokens: Script = new Script(`
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local price = math.min(tonumber(ARGV[3]), tonumber(ARGV[2])) * tonumber(ARGV[1])
local full = tonumber(redis.call('GET', KEYS[1]) or '0') - price
if full <= now then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.max(1, math.ceil(full - now)))
end
return 0
`);

/** Rate limits over all nodes; time is Redis's. */
export class RedisRateLimits implements RateLimits {
  readonly #run: RunScript;
  readonly #keys: Keys;

  constructor(run: RunScript, keys: Keys) {
    this.#run = run;
    this.#keys = keys;
  }

  async take(key: string, rate: Rate, cost = 1): Promise<RateOutcome> {
    if (rate === 'off') return { allowed: true };
    const args = [rate.periodMs / rate.count, rate.burst, cost];
    const retryAfterMs = replyNumber(await this.#run(takeTokens, [this.#keys.limit(key)], args));
    return retryAfterMs === 0 ? { allowed: true } : { allowed: false, retryAfterMs };
  }

  async giveBack(key: string, rate: Rate, cost = 1): Promise<void> {
    if (rate === 'off') return;
    const args = [rate.periodMs / rate.count, rate.burst, cost];
    await this.#run(returnTokens, [this.#keys.limit(key)], args);
  }
}
