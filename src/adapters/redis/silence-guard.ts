import type { Redis } from 'ioredis';

const TICK_MS = 250;
/** A second, and longer than a command may take. */
const SILENT_TICKS_MAX = 4;

/**
 * Cuts a connection that owes an answer and says nothing: what waits in its buffer is freed, and the next one may get
 * through. Silence is counted in ticks, between any two of which the event loop has read what was there: a turn that lasts
 * for seconds, as when thousands of clients come at once, is one tick. (ioredis' own `socketTimeout` is late by then, and cuts a
 * connection whose answer lies waiting, with all that was asked over it.)
 */
export function cutWhenSilent(redis: Redis): void {
  redis.on('connect', () => {
    const { stream } = redis;
    let silentTicks = 0;
    const timer = setInterval(() => {
      silentTicks = redis.commandQueue.length > 0 ? silentTicks + 1 : 0;
      if (silentTicks > SILENT_TICKS_MAX) stream.destroy(new Error('it owes an answer and says nothing'));
    }, TICK_MS);
    stream.on('data', () => {
      silentTicks = 0;
    });
    stream.once('close', () => clearInterval(timer));
  });
}
