import type { Broker, BrokerHandler, Channel } from '../../../src/ports/broker.ts';

/** A broker that a test makes deaf: what is published meanwhile never arrives, and is told as a gap afterwards. */
export class LossyBroker implements Broker {
  readonly #inner: Broker;
  readonly #channels = new Set<Channel>();
  readonly #listeners: ((channels: readonly Channel[]) => void)[] = [];
  #isDeaf = false;

  constructor(inner: Broker) {
    this.#inner = inner;
  }

  deafen(): void {
    this.#isDeaf = true;
  }

  hear(): void {
    if (!this.#isDeaf) return;
    this.#isDeaf = false;
    for (const listener of this.#listeners) listener([...this.#channels]);
  }

  publish(channel: Channel, payload: Uint8Array): Promise<void> {
    return this.#inner.publish(channel, payload);
  }

  async subscribe(channel: Channel, handler: BrokerHandler): Promise<void> {
    await this.#inner.subscribe(channel, (payload) => {
      if (!this.#isDeaf) handler(payload);
    });
    this.#channels.add(channel);
  }

  unsubscribe(channel: Channel): Promise<void> {
    this.#channels.delete(channel);
    return this.#inner.unsubscribe(channel);
  }

  onGap(listener: (channels: readonly Channel[]) => void): void {
    this.#listeners.push(listener);
    this.#inner.onGap(listener);
  }

  isUp(): boolean {
    return this.#inner.isUp();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
