import { type Relayed, TcpRelay } from '../support/tcp-relay.ts';

/** A TCP proxy before Redis whose connections can be disturbed without Redis taking part. */
export interface RedisProxy extends AsyncDisposable {
  readonly url: string;
  /** From now on drops what Redis sends on connections that have subscribed, and keeps them open. */
  starveSubscribers(): void;
  /** Carries nothing in either direction, and keeps everything open. */
  stall(): void;
  /** Carries everything again, what waited meanwhile included. */
  flow(): void;
  /** Cuts all connections and takes no new ones. */
  cut(): Promise<void>;
}

export async function startRedisProxy(redisPort: number): Promise<RedisProxy> {
  const subscribed = new WeakSet<Relayed>();
  const starved = new WeakSet<Relayed>();
  let stalled = false;
  const relay = await TcpRelay.start({
    target: () => ({ host: '127.0.0.1', port: redisPort }),
    carry: (relayed) => {
      const { client, server } = relayed;
      client.on('data', (bytes) => {
        if (/s?subscribe\r\n/i.test(bytes.toString('latin1'))) subscribed.add(relayed);
        server.write(bytes);
      });
      server.on('data', (bytes) => {
        if (!starved.has(relayed)) client.write(bytes);
      });
      if (stalled) for (const socket of [client, server]) socket.pause();
    },
  });
  const setStalled = (now: boolean): void => {
    stalled = now;
    for (const { client, server } of relay.open)
      for (const socket of [client, server]) stalled ? socket.pause() : socket.resume();
  };
  const cut = (): Promise<void> => relay[Symbol.asyncDispose]();
  return {
    url: `redis://${relay.address}`,
    starveSubscribers: () => {
      for (const relayed of relay.open) if (subscribed.has(relayed)) starved.add(relayed);
    },
    stall: () => setStalled(true),
    flow: () => setStalled(false),
    cut,
    [Symbol.asyncDispose]: cut,
  };
}
