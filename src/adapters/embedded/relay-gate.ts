import { setImmediate as nextTurn } from 'node:timers/promises';
import { type BackingService, Unavailable } from '../../ports/unavailable.ts';

/**
 * The way from a caller into a node's relay: open between start() and close(), and always a turn of the event loop
 * long, so that nobody comes to rely on an answer within the same turn, which no remote service could give.
 */
export class RelayGate {
  #state: 'new' | 'open' | 'closed' = 'new';

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  open(): void {
    if (this.#state === 'new') this.#state = 'open';
  }

  close(): void {
    this.#state = 'closed';
  }

  /** Resolves in a later turn, in the order of the calls. Throws Unavailable while the gate is not open, then or now. */
  async pass(service: BackingService): Promise<void> {
    this.#check(service);
    await nextTurn();
    this.#check(service);
  }

  #check(service: BackingService): void {
    if (this.#state === 'open') return;
    throw new Unavailable(
      service,
      new Error(this.#state === 'new' ? 'the relay is not started' : 'the relay is closed'),
    );
  }
}
