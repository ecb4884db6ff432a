import type { Refusal } from '../protocol/error-reply.ts';
import type { ChainId, RoomId } from '../protocol/ids.ts';
import { SendLane } from './send-queue.ts';

/** Rooms of one session whose lanes are kept; beyond it the oldest idle refusals are forgotten. */
export const LANES_PER_SESSION_MAX = 512;

/** The lanes of all sessions of this node. */
export class SendLanes {
  readonly #sessions = new Map<string, Map<RoomId, SendLane>>();

  async inTurn<T extends object>(
    at: { readonly session: string; readonly room: RoomId },
    place: { readonly chain: ChainId; readonly number: number },
    step: () => Promise<T | Refusal>,
  ): Promise<T | Refusal> {
    const { session, room } = at;
    const lane = this.#lane(session, room);
    try {
      return await lane.inTurn(place.chain, place.number, step);
    } finally {
      if (lane.isIdle) this.#drop(session, room, lane);
    }
  }

  /** Sends that wait in its lanes are finished. */
  sessionEnded(session: string): void {
    this.#sessions.delete(session);
  }

  #lane(session: string, room: RoomId): SendLane {
    const lanes = this.#sessions.get(session) ?? new Map<RoomId, SendLane>();
    this.#sessions.set(session, lanes);
    const lane = lanes.get(room) ?? new SendLane();
    lanes.delete(room);
    lanes.set(room, lane);
    if (lanes.size > LANES_PER_SESSION_MAX) {
      for (const [oldest, kept] of lanes) {
        if (kept === lane || kept.isWaiting) continue;
        lanes.delete(oldest);
        break;
      }
    }
    return lane;
  }

  #drop(session: string, room: RoomId, lane: SendLane): void {
    const lanes = this.#sessions.get(session);
    if (lanes?.get(room) !== lane) return;
    lanes.delete(room);
    if (lanes.size === 0) this.#sessions.delete(session);
  }
}
