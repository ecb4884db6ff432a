import { ClockTable } from '../../../src/adapters/embedded/in-process-clock.ts';
import { InProcessHub } from '../../../src/adapters/embedded/in-process-hub.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';

/** The embedded relay's clocks, which a test can lose, or set back as a failover does. */
export type LosableClocks = ClockTable & {
  /** Everything is gone. */
  lose(): void;
  /** What a replica that lags behind would still know of one room: calling the result makes that all there is. */
  replica(room: RoomId): () => void;
};

function losableClocks(nowMs: () => number): LosableClocks {
  let table = new ClockTable(nowMs);
  const lose = (): void => {
    table = new ClockTable(nowMs);
  };
  const replica = (room: RoomId) => {
    const state = table.read(room);
    return () => {
      lose();
      if (state !== undefined) table.rebuild(room, state);
    };
  };
  return new Proxy(Object.assign(new ClockTable(nowMs), { lose, replica }), {
    get: (clocks, key) => (key in table ? Reflect.get(table, key).bind(table) : Reflect.get(clocks, key)),
  });
}

/** Of nodes in one process whose clocks can be lost. */
export class LosableHub extends InProcessHub {
  override readonly clocks: LosableClocks;

  constructor(nowMs: () => number = Date.now) {
    super();
    this.clocks = losableClocks(nowMs);
  }
}
