import type { UserId } from '../../../src/protocol/ids.ts';
import type { Room } from '../../sdk/rooms/room.ts';
import type { RoomMessage } from '../../sdk/rooms/room-events.ts';
import { printChange, printMessage } from '../commands/room-lines.ts';
import type { BotProgram } from './bot-program.ts';

/** Messages of a room that a program may have without having acknowledged them. */
export const UNACKNOWLEDGED_MAX = 100;

interface Handed {
  readonly message: RoomMessage;
  /** There is nothing to acknowledge: it is no message, or the bot's own. */
  readonly isDone: boolean;
}

export interface BotRoomOptions {
  /** Whose own messages are left out; undefined: nobody's. */
  readonly except: UserId | undefined;
  /** A message counts as acknowledged once the program was given it. */
  readonly isDoneWhenGiven: boolean;
  /** The program acknowledged nothing of so many. */
  readonly onStalled: (room: Room) => void;
}

/**
 * A room's messages on their way to the program, which acknowledges them. Acknowledged is what the account has read: a later run goes
 * on after it. What is not acknowledged is handed to the next program again.
 */
export class BotRoom {
  readonly room: Room;
  readonly #options: BotRoomOptions;
  readonly #queue: Handed[] = [];
  #program: BotProgram | undefined;
  /** So many of the queue this program has. */
  #given = 0;
  #hasAcknowledged = false;
  #wake: () => void = () => undefined;

  constructor(room: Room, options: BotRoomOptions) {
    this.room = room;
    this.#options = options;
  }

  /** Reads the room until it is gone or the client is closed. Rejects as `Room.follow` does. */
  async read(): Promise<void> {
    const read = await this.room.readPosition();
    for await (const message of this.room.follow({ after: Math.max(read, this.room.joined) })) {
      while (this.#queue.length >= UNACKNOWLEDGED_MAX) await this.#woken();
      const isOwn = message.type !== 'gap' && message.user === this.#options.except;
      this.#queue.push({ message, isDone: isOwn || message.type !== 'message' });
      this.#rouse();
    }
  }

  /** Tells whatever program there is what else happens in the room, until it is gone. */
  async watch(): Promise<void> {
    for await (const change of this.room.changes())
      this.#program?.tell((output) => printChange(output, change));
  }

  /** Hands everything that is not acknowledged to a program, in order, and what comes, until it ends. */
  async handTo(program: BotProgram): Promise<void> {
    this.#program = program;
    this.#given = 0;
    this.#hasAcknowledged = false;
    program.gone.addEventListener('abort', () => this.#rouse(), { once: true });
    while (!program.gone.aborted) {
      const next = this.#queue[this.#given];
      if (next === undefined) await this.#woken();
      else await this.#hand(program, next);
    }
  }

  async #hand(program: BotProgram, { message, isDone }: Handed): Promise<void> {
    this.#given += 1;
    const isOwn = message.type === 'message' && isDone;
    if (!isOwn) await program.give((output) => printMessage(output, message));
    await this.room.shown([message]);
    if (this.#options.isDoneWhenGiven && !program.gone.aborted) await this.acknowledge(message.seq);
    else if (isDone) await this.#dropDone(-1);
    if (this.#given >= UNACKNOWLEDGED_MAX && !this.#hasAcknowledged) this.#options.onStalled(this.room);
  }

  /** Everything up to this position is done. False: the program was not given anything at it or after it. */
  async acknowledge(seq: number): Promise<boolean> {
    const last = this.#queue[this.#given - 1]?.message.seq ?? (await this.room.readPosition());
    if (seq > last) return false;
    this.#hasAcknowledged = true;
    await this.#dropDone(seq);
    return true;
  }

  async #dropDone(through: number): Promise<void> {
    let read: number | undefined;
    while (this.#given > 0) {
      const [first] = this.#queue;
      if (first === undefined || !(first.isDone || first.message.seq <= through)) break;
      this.#queue.shift();
      this.#given -= 1;
      read = first.message.seq;
    }
    if (read === undefined) return;
    this.#rouse();
    await this.room.markRead(read);
  }

  #rouse(): void {
    const wake = this.#wake;
    this.#wake = () => undefined;
    wake();
  }

  /** Until the queue or the program changed. */
  #woken(): Promise<void> {
    const before = this.#wake;
    return new Promise((resolve) => {
      this.#wake = () => {
        before();
        resolve();
      };
    });
  }
}
