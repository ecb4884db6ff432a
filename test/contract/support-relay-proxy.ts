import { connect, createServer, type Socket } from 'node:net';

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
  const pairs = new Set<{ client: Socket; server: Socket; subscribed: boolean; starved: boolean }>();
  let stalled = false;
  const listener = createServer((client) => {
    const server = connect(redisPort, '127.0.0.1');
    const pair = { client, server, subscribed: false, starved: false };
    pairs.add(pair);
    client.on('data', (bytes) => {
      if (/s?subscribe\r\n/i.test(bytes.toString('latin1'))) pair.subscribed = true;
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (!pair.starved) client.write(bytes);
    });
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      if (stalled) socket.pause();
      socket.on('close', end);
      socket.on('error', end);
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const setStalled = (now: boolean): void => {
    stalled = now;
    for (const { client, server } of pairs)
      for (const socket of [client, server]) stalled ? socket.pause() : socket.resume();
  };
  const cut = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
    for (const { client, server } of pairs) {
      client.destroy();
      server.destroy();
    }
    await closed;
  };
  return {
    url: `redis://127.0.0.1:${address.port}`,
    starveSubscribers: () => {
      for (const pair of pairs) pair.starved = pair.subscribed;
    },
    stall: () => setStalled(true),
    flow: () => setStalled(false),
    cut,
    [Symbol.asyncDispose]: cut,
  };
}
