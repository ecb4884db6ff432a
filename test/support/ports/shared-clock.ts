import { ClockTable } from '../../../src/adapters/embedded/in-process-clock.ts';
import type {
  NextOutcome,
  NextPosition,
  Sequencer,
  SequencerState,
  Watermark,
} from '../../../src/ports/sequencer.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';
import { hop } from './hop.ts';

/** The clocks of all nodes of a test, which it can lose or set back as a failover does. */
export class SharedClock implements Sequencer {
  #table = new ClockTable(() => Date.now());

  async end(): Promise<readonly []> {
    return [];
  }

  async next(request: NextPosition): Promise<NextOutcome> {
    await hop();
    return this.#table.next(request);
  }

  async raise(room: RoomId, at: Partial<Watermark & { readonly ceiling: number }>): Promise<void> {
    await hop();
    this.#table.raise(room, at);
  }

  async rebuild(room: RoomId, state: Watermark & { readonly ceiling: number }): Promise<void> {
    await hop();
    this.#table.rebuild(room, state);
  }

  async read(rooms: readonly RoomId[]): Promise<readonly (SequencerState | undefined)[]> {
    await hop();
    return rooms.map((room) => this.#table.read(room));
  }

  async remove(room: RoomId): Promise<void> {
    await hop();
    this.#table.remove(room);
  }

  /** Everything is gone. */
  lose(): void {
    this.#table = new ClockTable(() => Date.now());
  }

  /** What a replica that lags behind would still know: calling the result makes it the clock. */
  replica(room: RoomId): () => void {
    const state = this.#table.read(room);
    return () => {
      this.lose();
      if (state !== undefined) this.#table.rebuild(room, state);
    };
  }

  state(room: RoomId): SequencerState | undefined {
    return this.#table.read(room);
  }
}
