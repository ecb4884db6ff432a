declare const brand: unique symbol;
/** A room's channel, or the control channel that every node listens to. */
export type Channel = string & { readonly [brand]: 'Channel' };

/** Called in the order of publication per publisher. `payload` is the handler's to keep. Must not throw. */
export type BrokerHandler = (payload: Uint8Array) => void;

/**
 * At-most-once fan-out of bytes to every node that subscribed to a channel, the publisher included.
 * - Per publisher and channel, order is kept; across publishers it is not.
 * - What may have been missed (reconnect, resubscribe, failed probe) is told by onGap, never passed over in silence.
 * - While the broker is away, publish() and subscribe() throw Unavailable within the backend's deadline; nothing piles up.
 *   Subscriptions that were made survive the outage: they are made again by the broker itself, then reported by onGap.
 */
export interface Broker {
  /** Resolves once the service took the message. The bytes are copied or serialised before publish() returns. */
  publish(channel: Channel, payload: Uint8Array): Promise<void>;
  /**
   * Resolves once every later publish from any node will be seen here. One handler a channel: a second subscribe()
   * without unsubscribe() between is a bug and throws TypeError. When it throws Unavailable, nothing is subscribed.
   */
  subscribe(channel: Channel, handler: BrokerHandler): Promise<void>;
  /** After this resolves the handler is not called again. Never throws for want of the service. */
  unsubscribe(channel: Channel): Promise<void>;
  /** Names the channels on which messages may have been missed; called when they are being received again. */
  onGap(listener: (channels: readonly Channel[]) => void): void;
  /** True while publishes go out and the self-probe is heard. */
  isUp(): boolean;
  /** No handler is called after this resolves; every later call throws Unavailable. */
  close(): Promise<void>;
}
