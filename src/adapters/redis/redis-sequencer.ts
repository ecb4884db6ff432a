import type {
  ClockMarks,
  EpochLease,
  NextOutcome,
  NextPosition,
  Sequencer,
  SequencerState,
} from '../../ports/sequencer.ts';
import type { RoomId } from '../../protocol/ids.ts';
import type { Keys } from './keys.ts';
import { replyList, replyNumber, replyText } from './reply.ts';
import type { RunScript } from './script.ts';
import {
  leaseEpoch,
  nextPosition,
  raiseClock,
  readClock,
  rebuildClock,
  releaseEpoch,
  removeClock,
} from './sequencer-scripts.ts';

const ANSWER_LIFE_MS = 10 * 60 * 1000;
const GONE_MARK_LIFE_MS = 2 * 60 * 60 * 1000;

/** Sequencers of rooms as Redis hashes; every method is one script, every time is that of the Redis which holds the clock. */
export class RedisSequencer implements Sequencer {
  readonly #run: RunScript;
  readonly #keys: Keys;

  constructor(run: RunScript, keys: Keys) {
    this.#run = run;
    this.#keys = keys;
  }

  async end(): Promise<readonly []> {
    return [];
  }

  async next(request: NextPosition): Promise<NextOutcome> {
    const { room, version, seen, remember } = request;
    const keys = [this.#keys.clock(room)];
    const args = [version, seen.seq, seen.version, seen.floor];
    if (remember === undefined) return parseOutcome(await this.#run(nextPosition, keys, [...args, '', 0]));
    const hash = Buffer.from(remember.headerHash).toString('hex');
    keys.push(this.#keys.answer(room, remember.key));
    return parseOutcome(await this.#run(nextPosition, keys, [...args, hash, ANSWER_LIFE_MS]));
  }

  async raise(room: RoomId, at: Partial<ClockMarks>): Promise<boolean> {
    return (
      replyNumber(await this.#run(raiseClock, [this.#keys.clock(room)], Object.entries(at).flat())) === 1
    );
  }

  async rebuild(room: RoomId, state: ClockMarks): Promise<void> {
    const args = [state.seq, state.version, state.floor, state.ceiling, state.epoch ?? 0];
    await this.#run(rebuildClock, [this.#keys.clock(room)], args);
  }

  read(rooms: readonly RoomId[]): Promise<readonly (SequencerState | undefined)[]> {
    return Promise.all(
      rooms.map(async (room) => parseState(await this.#run(readClock, [this.#keys.clock(room)]))),
    );
  }

  async leaseEpoch({ room, number, holder, lifeMs }: EpochLease): Promise<number> {
    return replyNumber(await this.#run(leaseEpoch, [this.#keys.clock(room)], [number, holder, lifeMs]));
  }

  async releaseEpoch(room: RoomId, holder: string): Promise<void> {
    await this.#run(releaseEpoch, [this.#keys.clock(room)], [holder]);
  }

  async remove(room: RoomId): Promise<void> {
    await this.#run(removeClock, [this.#keys.clock(room)], [GONE_MARK_LIFE_MS]);
  }
}

function parseOutcome(reply: unknown): NextOutcome {
  const [kind, first, second, third] = replyList(reply);
  switch (kind) {
    case 'position':
      return { kind, seq: replyNumber(first), at: replyNumber(second) };
    case 'repeat': {
      const headerHash = new Uint8Array(Buffer.from(replyText(third), 'hex'));
      return { kind, seq: replyNumber(first), at: replyNumber(second), headerHash };
    }
    case 'stale':
      return { kind, version: replyNumber(first), floor: replyNumber(second) };
    case 'ceiling':
      return { kind, ceiling: replyNumber(first) };
    case 'gone':
    case 'missing':
      return { kind };
    default:
      throw new TypeError('the room clock answered something unknown');
  }
}

/** A room that never had a clock can be gone too: its numbers are 0. */
function parseState(reply: unknown): SequencerState | undefined {
  const [seq, version, floor, ceiling, goneMark, epoch] = replyList(reply);
  const gone = goneMark !== null;
  if (seq === null && !gone) return undefined;
  return {
    seq: replyNumber(seq ?? 0),
    version: replyNumber(version ?? 0),
    floor: replyNumber(floor ?? 0),
    ceiling: replyNumber(ceiling ?? 0),
    epoch: replyNumber(epoch ?? 0),
    gone,
  };
}
