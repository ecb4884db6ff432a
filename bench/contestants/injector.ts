/**
 * Child process: publishes numbered messages straight to Redis, for rates that a sending server could not carry beside the
 * measured one on the same two cores, and at one pace for all contestants.
 */
import { connect, type Socket } from 'node:net';
import { Pacer } from '../../loadtest/native/pacing.ts';
import { type Fields, numberIn, serveParent } from '../../loadtest/native/parent-and-child.ts';
import { FIRST_COUNT } from '../../loadtest/wire/message-template.ts';
import { fillTemplate, type PublishTemplate, templateIn } from './publish-template.ts';

/** Commands that may be on their way at once; each keeps its own memory until it was written. */
const SLOTS = 384;
/** Above this Redis is behind: the injector waits, so that no slot is overwritten before it went out. */
const WAITING_BYTES_MAX = 8 * 1_024 * 1_024;

class Injector {
  readonly #socket: Socket;
  readonly #slots: readonly PublishTemplate[];
  readonly #waitingBytesMax: number;
  #number = FIRST_COUNT;

  constructor(fields: Fields) {
    const { command, places } = templateIn(fields);
    this.#slots = Array.from({ length: SLOTS }, () => ({ command: Buffer.from(command), places }));
    this.#waitingBytesMax = Math.min(WAITING_BYTES_MAX, (SLOTS / 2) * command.length);
    this.#socket = connect({ host: '127.0.0.1', port: numberIn(fields, 'redisPort'), noDelay: true });
    this.#socket.resume();
  }

  inject(): boolean {
    if (this.#socket.writableLength > this.#waitingBytesMax) return false;
    const slot = this.#slots[this.#number % SLOTS];
    if (slot === undefined) return false;
    fillTemplate(slot, this.#number);
    this.#number += 1;
    this.#socket.write(slot.command);
    return true;
  }

  skip(): void {
    this.#number += 1;
  }
}

let injector: Injector | undefined;
let pacer: Pacer | undefined;
/** How many messages the receivers have got, as last heard; the window is how many may be on their way. */
let arrived = 0;
let window = Number.POSITIVE_INFINITY;

serveParent({
  start: (fields) => {
    injector = new Injector(fields);
    return {};
  },
  run: (fields) => {
    const pace = { perSecond: numberIn(fields, 'perSecond'), burstMs: numberIn(fields, 'burstMs') };
    arrived = 0;
    window = numberIn(fields, 'window');
    const running: Pacer = new Pacer(pace, () => {
      return running.sent - arrived < window && injector?.inject() === true;
    });
    pacer = running;
    return {};
  },
  arrived: (fields) => {
    arrived = numberIn(fields, 'messages');
    return {};
  },
  stop: () => {
    pacer?.stop();
    return { sent: pacer?.sent ?? 0 };
  },
  /** One message, at once. */
  inject: () => {
    if (injector?.inject() !== true) throw new Error('Redis is behind');
    return {};
  },
  /** Leaves a number out, as if its message had been lost on the way. */
  skip: () => {
    injector?.skip();
    return {};
  },
});
