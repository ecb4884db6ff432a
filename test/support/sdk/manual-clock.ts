import type { Clock } from '../../../client/sdk/connection/clock.ts';

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** Time stands still until a test moves it. */
export class ManualClock implements Clock {
  readonly #standsStill: () => boolean;
  #now = 0;
  #timers: Timer[] = [];
  /** What `random` gives. */
  chance = 0.5;

  /** `standsStill`: whether time may not go by now, since something in real time is awaited. */
  constructor(standsStill: () => boolean = () => false) {
    this.#standsStill = standsStill;
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return 1_800_000_000_000 + this.#now;
  }

  random(): number {
    return this.chance;
  }

  schedule(ms: number, callback: () => void): () => void {
    const timer: Timer = { due: this.#now + ms, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get timers(): number {
    return this.#timers.length;
  }

  /** Moves on, running what falls due in its order, and lets what follows from it settle. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      do await settled();
      while (this.#standsStill());
      const next = this.#timers.filter(({ due }) => due <= until).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.due);
      this.#timers = this.#timers.filter((timer) => timer !== next);
      next.callback();
    }
    this.#now = until;
    await settled();
  }
}

/** All promise reactions that are ready, and those that they make ready, have run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
