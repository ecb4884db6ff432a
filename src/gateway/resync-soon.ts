/** What a node does not understand may come in numbers: one `resync` speaks for all of a moment. */
const GATHER_MS = 250;

/** Rooms in which something may have been missed. */
export class ResyncSoon<Room> {
  readonly #resync: (room: Room) => void;
  readonly #rooms = new Set<Room>();
  #timer: NodeJS.Timeout | undefined;

  constructor(resync: (room: Room) => void) {
    this.#resync = resync;
  }

  add(room: Room): void {
    this.#rooms.add(room);
    this.#timer ??= setTimeout(() => {
      const rooms = [...this.#rooms];
      this.close();
      for (const each of rooms) this.#resync(each);
    }, GATHER_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#rooms.clear();
  }
}
