import type { Broker, Channel } from '../../../src/ports/broker.ts';

export interface LossyBroker extends Broker {
  deafen(): void;
  hear(): void;
}

/** A broker that a test makes deaf: what is published meanwhile never arrives, and is told as a gap afterwards. */
export function lossyBroker(inner: Broker): LossyBroker {
  const channels = new Set<Channel>();
  const listeners: ((channels: readonly Channel[]) => void)[] = [];
  let isDeaf = false;
  return {
    deafen: () => {
      isDeaf = true;
    },
    hear: () => {
      if (!isDeaf) return;
      isDeaf = false;
      for (const listener of listeners) listener([...channels]);
    },
    subscribe: async (channel, handler) => {
      await inner.subscribe(channel, (payload) => {
        if (!isDeaf) handler(payload);
      });
      channels.add(channel);
    },
    unsubscribe: (channel) => {
      channels.delete(channel);
      return inner.unsubscribe(channel);
    },
    onGap: (listener) => {
      listeners.push(listener);
      inner.onGap(listener);
    },
    publish: (channel, payload) => inner.publish(channel, payload),
    isUp: () => inner.isUp(),
    close: () => inner.close(),
  };
}
