import { READY_MARK_LIFE_SECONDS, type ReadyMarks } from '../../ports/ready-marks.ts';
import type { Keys } from './keys.ts';
import { chunks, replyList, replyNumber, replyText } from './reply.ts';
import { type RunScript, Script } from './script.ts';

const LIFE_MS = READY_MARK_LIFE_SECONDS * 1_000;

const DROP_OLD = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[1]))
for i = 1, #old do redis.call('ZREM', KEYS[1], old[i]) end
`;

/** KEYS marks. ARGV life (ms), node. */
const setMark: Script = new Script(`${DROP_OLD}
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
`);

/** KEYS marks. ARGV life (ms). Answers nodes and when each set its mark. */
const readMarks: Script = new Script(`${DROP_OLD}
local found = {}
for _, node in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '+inf')) do
  found[#found + 1] = node
  found[#found + 1] = tonumber(redis.call('ZSCORE', KEYS[1], node))
end
return found
`);

/** A sorted set of nodes by the time of their marks, on Redis's clock. */
export class RedisReadyMarks implements ReadyMarks {
  readonly #run: RunScript;
  readonly #keys: Keys;

  constructor(run: RunScript, keys: Keys) {
    this.#run = run;
    this.#keys = keys;
  }

  async set(node: string): Promise<void> {
    await this.#run(setMark, [this.#keys.ready], [LIFE_MS, node]);
  }

  async all(): Promise<ReadonlyMap<string, number>> {
    const reply = replyList(await this.#run(readMarks, [this.#keys.ready], [LIFE_MS]));
    return new Map(chunks(reply, 2).map(([node, at]) => [replyText(node), replyNumber(at)]));
  }
}
