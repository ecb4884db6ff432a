import type { Socket } from 'node:net';
import { TcpRelay } from '../../test/support/tcp-relay.ts';

/** A TCP relay through which a client reads slowly, as behind a bad line; what it writes goes through at once. */
export interface SlowRelay extends AsyncDisposable {
  /** ws://127.0.0.1:PORT */
  readonly url: string;
}

/** The last fragment of a WebSocket close frame. */
const CLOSE_FRAME = 0x88;
const TICK_MS = 100;
/** Upgrade, hello, login and entering pass at once: a connection that never gets in would prove nothing. */
const FREE_BYTES = 16 * 1_024;

export async function startSlowRelay(target: string, bytesPerSecond: number): Promise<SlowRelay> {
  const { hostname, port } = new URL(target);
  const relay = await TcpRelay.start({
    target: () => ({ host: hostname, port: Number(port) }),
    carry: ({ client, server }) => {
      client.on('data', (bytes: Buffer) => {
        server.write(bytes);
        // Whoever says good-bye reads no more; what is still on its way would keep it waiting.
        if (bytes[0] === CLOSE_FRAME) client.destroy();
      });
      throttle(server, client, bytesPerSecond);
    },
  });
  return { url: `ws://${relay.address}`, [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose]() };
}

/** Reads from `from` only as far as its budget goes, so that what is not read fills the buffers behind it. */
function throttle(from: Socket, to: Socket, bytesPerSecond: number): void {
  let budget = FREE_BYTES;
  from.on('data', (bytes: Buffer) => {
    to.write(bytes);
    budget -= bytes.length;
    if (budget <= 0) from.pause();
  });
  const timer = setInterval(() => {
    budget = Math.min(FREE_BYTES, budget + (bytesPerSecond * TICK_MS) / 1_000);
    if (budget > 0) from.resume();
  }, TICK_MS);
  from.once('close', () => clearInterval(timer));
}
