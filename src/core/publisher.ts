import type { Background } from '../lib/background.ts';
import { retry } from '../lib/retry.ts';
import type { Broker, Channel } from '../ports/broker.ts';
import type { LogEvent } from '../ports/log-events.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { RoomId } from '../protocol/ids.ts';

export const CONTROL_CHANNEL: Channel = 'control' as Channel;
export const roomChannel = (room: RoomId): Channel => `room:${room}` as Channel;

/** Bytes of envelopes that wait to be published again; what comes on top is left to the readers' own gap checks. */
export const REPUBLISH_BYTES_MAX = 16 * 1024 * 1024;
/** Envelopes that wait, whatever their size. */
export const REPUBLISHES_MAX = 500;
/** Then the readers' comparison of heads (every 30 s) finds what is missing. */
export const REPUBLISH_ATTEMPTS_MAX = 12;
const FIRST_PAUSE_MS = 200;
const PAUSE_MS_MAX = 5_000;

/** Publishes once, and what failed again in the background: a stored message must reach those who are online. */
export class Publisher {
  readonly #broker: Broker;
  readonly #background: Background<LogEvent>;
  readonly #telemetry: Telemetry;
  #waitingBytes = 0;
  #waiting = 0;

  constructor(broker: Broker, background: Background<LogEvent>, telemetry: Telemetry) {
    this.#broker = broker;
    this.#background = background;
    this.#telemetry = telemetry;
  }

  /** Resolves after one attempt, whatever became of it; never rejects. A message may be published twice. */
  async publish(channel: Channel, envelope: Uint8Array): Promise<void> {
    try {
      await this.#broker.publish(channel, envelope);
    } catch {
      this.#repeat(channel, envelope);
    }
  }

  #repeat(channel: Channel, envelope: Uint8Array): void {
    if (this.#waiting >= REPUBLISHES_MAX || this.#waitingBytes + envelope.length > REPUBLISH_BYTES_MAX) {
      this.#telemetry.warn('republish_skipped');
      return;
    }
    this.#background.run('republish', async () => {
      this.#waiting += 1;
      this.#waitingBytes += envelope.length;
      try {
        await this.#untilPublished(channel, envelope);
      } finally {
        this.#waiting -= 1;
        this.#waitingBytes -= envelope.length;
      }
    });
  }

  async #untilPublished(channel: Channel, envelope: Uint8Array): Promise<void> {
    await this.#background.pause(Math.random() * FIRST_PAUSE_MS);
    await retry(
      () => {
        this.#telemetry.publishRetried();
        return this.#broker.publish(channel, envelope);
      },
      {
        attempts: REPUBLISH_ATTEMPTS_MAX,
        firstPauseMs: 2 * FIRST_PAUSE_MS,
        pauseMsMax: PAUSE_MS_MAX,
        signal: this.#background.signal,
      },
    );
  }
}
