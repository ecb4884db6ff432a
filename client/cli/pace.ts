import { cliTexts } from '../texts/cli-texts.ts';

/** Before this the first messages, which a server takes at once, would make the rate look higher than it stays. */
const SETTLE_MS = 2_000;
/** Over this the rate is measured before it is told. */
const MEASURE_MS = 3_000;

/** How fast a server takes messages. All times are milliseconds of one clock. */
export class Pace {
  #beganAt: number | undefined;
  #taken = 0;

  /** One more message is acknowledged. */
  note(now: number): void {
    this.#beganAt ??= now + SETTLE_MS;
    if (now > this.#beganAt) this.#taken += 1;
  }

  /** Messages a second; undefined as long as too little was seen. */
  rate(now: number): number | undefined {
    if (this.#beganAt === undefined) return undefined;
    const sinceMs = now - this.#beganAt;
    return sinceMs < MEASURE_MS || this.#taken === 0 ? undefined : (this.#taken * 1_000) / sinceMs;
  }
}

/** For people: seconds up to two minutes, minutes up to two hours, then hours. */
export function roughSpan(seconds: number): string {
  const { span } = cliTexts.sending;
  if (seconds < 120) return span({ count: Math.max(1, Math.round(seconds)), unit: 's' });
  return seconds < 7_200
    ? span({ count: Math.round(seconds / 60), unit: 'min' })
    : span({ count: Math.round(seconds / 3_600), unit: 'h' });
}
