import type { Broker, BrokerHandler, Channel } from '../../ports/broker.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import type { RelayGate } from './relay-gate.ts';

/** Bytes of one node's publishes that wait for their turn; a publish beyond is refused. */
const IN_FLIGHT_BYTES_MAX = 64 * 1024 * 1024;

/** Who listens to what, over all nodes of this process. A node has one handler a channel. */
export class ChannelTable {
  readonly #channels = new Map<Channel, Map<InProcessBroker, BrokerHandler>>();

  add(channel: Channel, node: InProcessBroker, handler: BrokerHandler): void {
    const handlers = this.#channels.get(channel) ?? new Map<InProcessBroker, BrokerHandler>();
    handlers.set(node, handler);
    this.#channels.set(channel, handlers);
  }

  remove(channel: Channel, node: InProcessBroker): void {
    const handlers = this.#channels.get(channel);
    handlers?.delete(node);
    if (handlers?.size === 0) this.#channels.delete(channel);
  }

  /** Each handler gets bytes of its own: what it does to them, no other sees. */
  deliver(channel: Channel, payload: Uint8Array, onFault: (error: unknown) => void): void {
    const handlers = this.#channels.get(channel);
    if (handlers === undefined) return;
    let left = handlers.size;
    for (const handler of [...handlers.values()]) {
      left -= 1;
      try {
        handler(left === 0 ? payload : payload.slice());
      } catch (error) {
        onFault(error);
      }
    }
  }
}

/** One node's end of the in-process broker. Nothing is ever missed here, so onGap has nothing to tell. */
export class InProcessBroker implements Broker {
  readonly #table: ChannelTable;
  readonly #gate: RelayGate;
  readonly #telemetry: Telemetry;
  readonly #handlers = new Map<Channel, BrokerHandler>();
  #inFlightBytes = 0;
  #closed = false;

  constructor(table: ChannelTable, gate: RelayGate, telemetry: Telemetry) {
    this.#table = table;
    this.#gate = gate;
    this.#telemetry = telemetry;
  }

  async publish(channel: Channel, payload: Uint8Array): Promise<void> {
    if (this.#inFlightBytes + payload.length > IN_FLIGHT_BYTES_MAX) {
      throw new Unavailable(
        'broker',
        new Error(`more than ${IN_FLIGHT_BYTES_MAX} bytes wait to be published`),
      );
    }
    const copy = new Uint8Array(payload);
    this.#inFlightBytes += copy.length;
    try {
      await this.#pass();
      this.#table.deliver(channel, copy, (error) => this.#telemetry.warn('broker_handler_threw', error));
    } finally {
      this.#inFlightBytes -= copy.length;
    }
  }

  async subscribe(channel: Channel, handler: BrokerHandler): Promise<void> {
    if (this.#handlers.has(channel)) throw new TypeError('this channel has a handler already');
    // Each call has an identity of its own: by then it may have been unsubscribed, and another one made.
    const own: BrokerHandler = (payload) => handler(payload);
    this.#handlers.set(channel, own);
    try {
      await this.#pass();
    } catch (error) {
      if (this.#handlers.get(channel) === own) this.#handlers.delete(channel);
      throw error;
    }
    if (this.#handlers.get(channel) !== own) return;
    this.#table.add(channel, this, own);
    this.#telemetry.brokerSubscriptions(this.#handlers.size);
  }

  async unsubscribe(channel: Channel): Promise<void> {
    this.#assertNotClosed();
    this.#table.remove(channel, this);
    if (!this.#handlers.delete(channel)) return;
    this.#telemetry.brokerSubscriptions(this.#handlers.size);
  }

  onGap(): void {
    // Delivery is a function call away: no message can be missed while the process lives.
  }

  isUp(): boolean {
    return this.#gate.isOpen && !this.#closed;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const channel of this.#handlers.keys()) this.#table.remove(channel, this);
    this.#handlers.clear();
  }

  async #pass(): Promise<void> {
    this.#assertNotClosed();
    await this.#gate.pass('broker');
    this.#assertNotClosed();
  }

  #assertNotClosed(): void {
    if (this.#closed) throw new Unavailable('broker', new Error('the broker is closed'));
  }
}
