import type { RoomId } from '../../../src/protocol/ids.ts';
import type { ChatMemory, Written } from '../chat-memory.ts';
import { InputHistory } from './input-history.ts';

/** What was written before: in each room, kept over restarts, and in all of them. */
export class InputHistories {
  readonly all = new InputHistory();
  readonly #lobby = new InputHistory();
  readonly #rooms = new Map<RoomId, { readonly history: InputHistory; readonly written: Written[] }>();
  readonly #memory: Pick<ChatMemory, 'putHistory'>;
  readonly #report: (error: unknown) => void;

  constructor(
    memory: Pick<ChatMemory, 'putHistory'>,
    kept: ReadonlyMap<RoomId, readonly Written[]>,
    report: (error: unknown) => void,
  ) {
    this.#memory = memory;
    this.#report = report;
    for (const [room, written] of kept) {
      this.#rooms.set(room, { history: historyOf(written), written: [...written] });
    }
    const everything = [...kept.values()].flat().sort((a, b) => a.at - b.at);
    for (const { text } of everything) this.all.add(text);
  }

  /** Undefined: while no room is shown. */
  of(room: RoomId | undefined): InputHistory {
    return room === undefined ? this.#lobby : this.#room(room).history;
  }

  add(room: RoomId | undefined, text: string): void {
    this.all.add(text);
    this.of(room).add(text);
    if (room === undefined || text.trim() === '') return;
    const { history, written } = this.#room(room);
    if (written.at(-1)?.text === text) return;
    written.push({ at: Date.now(), text });
    written.splice(0, written.length - history.entries.length);
    this.#memory.putHistory(room, written).catch(this.#report);
  }

  #room(room: RoomId): { readonly history: InputHistory; readonly written: Written[] } {
    const known = this.#rooms.get(room) ?? { history: new InputHistory(), written: [] };
    this.#rooms.set(room, known);
    return known;
  }
}

function historyOf(written: readonly Written[]): InputHistory {
  const history = new InputHistory();
  for (const { text } of written) history.add(text);
  return history;
}
