import type { NodeBoard } from '../../ports/node-board.ts';
import { type LeasedNode, type NodeStatus, nodeStatus, type RunId } from '../../protocol/admin-actions.ts';
import { Fault } from '../../protocol/shape.ts';
import type { Keys } from './keys.ts';
import { chunks, replyList, replyNumber, replyText } from './reply.ts';
import { type RunScript, Script } from './script.ts';

/** Longer than any lease: when no node is left, nothing of them is. */
const BOARD_LIFE_MS = 60 * 60_000;

/** Values are `<end of the lease> <status>`. Answers statuses and what is left of their leases, and drops what is over. */
const LIVING = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local found = {}
local rows = redis.call('HGETALL', KEYS[1])
for i = 1, #rows, 2 do
  local untilMs, status = string.match(rows[i + 1], '^(%d+) (.*)$')
  if untilMs and tonumber(untilMs) > now then
    found[#found + 1] = status
    found[#found + 1] = tonumber(untilMs) - now
  else
    redis.call('HDEL', KEYS[1], rows[i])
  end
end
`;

/** KEYS board. ARGV run, status, lease (ms), life of the board (ms). */
const postStatus: Script = new Script(`${LIVING}
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now + ARGV[3]) .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
`);

/** KEYS board. */
const readStatuses: Script = new Script(`${LIVING}
return found
`);

/** KEYS board. ARGV run. */
const removeStatus: Script = new Script(`
return redis.call('HDEL', KEYS[1], ARGV[1])
`);

/** What nodes say of themselves, in one hash: they are few. Leases run on Redis's clock. */
export class RedisNodeBoard implements NodeBoard {
  readonly #run: RunScript;
  readonly #keys: Keys;

  constructor(run: RunScript, keys: Keys) {
    this.#run = run;
    this.#keys = keys;
  }

  async post(status: NodeStatus, leaseMs: number): Promise<void> {
    const text = JSON.stringify(nodeStatus.pack(status));
    await this.#run(postStatus, [this.#keys.nodes], [status.run, text, leaseMs, BOARD_LIFE_MS]);
  }

  async all(): Promise<readonly LeasedNode[]> {
    const reply = replyList(await this.#run(readStatuses, [this.#keys.nodes]));
    return chunks(reply, 2).flatMap(([text, leaseMs]) => {
      const status = parsedStatus(replyText(text));
      return status === undefined ? [] : [{ ...status, leaseMs: replyNumber(leaseMs) }];
    });
  }

  async remove(run: RunId): Promise<void> {
    await this.#run(removeStatus, [this.#keys.nodes], [run]);
  }
}

function parsedStatus(text: string): NodeStatus | undefined {
  try {
    const parsed = nodeStatus.parse(JSON.parse(text), 'lenient');
    return parsed instanceof Fault ? undefined : parsed;
  } catch {
    return undefined;
  }
}
