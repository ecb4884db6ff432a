import { randomUUID } from 'node:crypto';
import type { Revocation, Revocations } from '../../ports/revocations.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import type { UserId } from '../../protocol/ids.ts';
import { TOKEN_LIFE_MS } from '../../protocol/limits.ts';
import type { Keys } from './keys.ts';
import { chunks, replyList, replyNumber } from './reply.ts';
import { type RunScript, Script } from './script.ts';

const batchUsersMax = 1000;
const fillAttemptsMax = 3;

/**
 * One hash holds the times and the mark, so they are lost together. It ends after the longest life of a token and is
 * filled anew with what still matters: it does not grow for ever.
 * KEYS revocations. ARGV life (ms), token of the fill or '', 'begin' | 'go on' | 'end', pairs of user and time.
 * Answers 0 when the data was lost since this fill began.
 */
const raiseTimes: Script = new Script(`
local fill = ARGV[2]
if fill ~= '' and ARGV[3] ~= 'begin' and redis.call('HEXISTS', KEYS[1], fill) == 0 then return 0 end
if fill ~= '' and ARGV[3] == 'begin' then redis.call('HSET', KEYS[1], fill, 1) end
for i = 4, #ARGV, 2 do
  if tonumber(ARGV[i + 1]) > tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '0') then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
if ARGV[3] == 'end' then
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

  constructor(run: RunScript, keys: Keys) {
    this.#run = run;
    this.#keys = keys;
  }

  async notBefore(who: readonly UserId[]): Promise<number | undefined> {
    const [complete, ...times] = replyList(await this.#run(readTimes, [this.#keys.revocations], who));
    return complete === null ? undefined : Math.max(0, ...times.map((time) => replyNumber(time ?? 0)));
  }

  async add(revocations: readonly Revocation[]): Promise<void> {
    for (const batch of chunks(revocations, batchUsersMax)) await this.#raise('', 'go on', batch);
  }

  async fill(revocations: readonly Revocation[]): Promise<void> {
    for (let attempt = 0; attempt < fillAttemptsMax; attempt += 1)
      if (await this.#fillOnce(revocations)) return;
    throw new Unavailable('limits', new Error('the cache lost its data while it was filled'));
  }

  async #fillOnce(revocations: readonly Revocation[]): Promise<boolean> {
    const token = `fill:${randomUUID()}`;
    await this.#raise(token, 'begin', []);
    for (const batch of chunks(revocations, batchUsersMax))
      if (!(await this.#raise(token, 'go on', batch))) return false;
    return this.#raise(token, 'end', []);
  }

  async #raise(token: string, phase: string, batch: readonly Revocation[]): Promise<boolean> {
    const pairs = batch.flatMap(({ user, notBefore }) => [user, notBefore]);
    const args = [TOKEN_LIFE_MS, token, phase, ...pairs];
    return replyNumber(await this.#run(raiseTimes, [this.#keys.revocations], args)) === 1;
  }
}
