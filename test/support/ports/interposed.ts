import { setTimeout as pause } from 'node:timers/promises';
import { Unavailable } from '../../../src/ports/unavailable.ts';

/** One call that was stopped on its way: nothing happens until the test lets it go on, or fail. */
export interface HeldCall {
  /** Resolves when a call has come. */
  readonly arrived: Promise<void>;
  release(): void;
}

type Fault = (call: () => unknown) => unknown;

/**
 * Stands before a port and lets everything through, but for the calls that a test holds or breaks. `port` is what is
 * handed to the code under test.
 */
export class Interposed<Port extends object> {
  readonly port: Port;
  readonly #faults = new Map<string, Fault[]>();
  readonly #chances = new Map<string, number>();
  readonly #stalls = new Map<string, { readonly probability: number; readonly stallMs: number }>();
  readonly #counts = new Map<string, number>();

  constructor(target: Port) {
    this.port = new Proxy(target, {
      get: (_target, key) => {
        const member: unknown = Reflect.get(target, key, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => this.#call(String(key), () => Reflect.apply(member, target, args));
      },
    });
  }

  /** How often a method was called. */
  count(method: keyof Port & string): number {
    return this.#counts.get(method) ?? 0;
  }

  /** Stops the next call of a method before it has any effect. */
  hold(method: keyof Port & string): HeldCall {
    return this.#hold(method, async (released, call) => {
      await released;
      return call();
    });
  }

  /** Stops the next call of a method after it took effect: its caller does not know yet. */
  holdAnswer(method: keyof Port & string): HeldCall {
    return this.#hold(method, async (released, call) => {
      const answer = await call();
      await released;
      return answer;
    });
  }

  /** The next `times` calls have no effect and throw Unavailable. */
  lose(method: keyof Port & string, times = 1): void {
    for (let count = 0; count < times; count += 1) {
      this.#add(method, () => Promise.reject(new Unavailable('store', new Error('lost by the test'))));
    }
  }

  /** The next `times` calls take effect, then throw Unavailable: as if the caller had died there. */
  loseAnswer(method: keyof Port & string, times = 1): void {
    for (let count = 0; count < times; count += 1) {
      this.#add(method, async (call) => {
        await call();
        throw new Unavailable('store', new Error('answer lost by the test'));
      });
    }
  }

  /** From now on each call of these methods fails with this probability, half of the time after it took effect. */
  failAtRandom(methods: readonly (keyof Port & string)[], probability: number): void {
    for (const method of methods) this.#chances.set(method, probability);
  }

  /** From now on each call of a method waits so long with this probability before it has any effect. */
  stallAtRandom(method: keyof Port & string, probability: number, stallMs: number): void {
    this.#stalls.set(method, { probability, stallMs });
  }

  #hold(method: string, run: (released: Promise<void>, call: () => unknown) => unknown): HeldCall {
    const arrival = signal();
    const release = signal();
    this.#add(method, (call) => {
      arrival.fire();
      return run(release.fired, call);
    });
    return { arrived: arrival.fired, release: release.fire };
  }

  #add(method: string, fault: Fault): void {
    this.#faults.set(method, [...(this.#faults.get(method) ?? []), fault]);
  }

  #call(method: string, call: () => unknown): unknown {
    this.#counts.set(method, (this.#counts.get(method) ?? 0) + 1);
    const fault = this.#faults.get(method)?.shift();
    if (fault !== undefined) return fault(call);
    const { probability, stallMs } = this.#stalls.get(method) ?? { probability: 0, stallMs: 0 };
    if (Math.random() < probability) return pause(stallMs).then(call);
    return Math.random() < (this.#chances.get(method) ?? 0) ? failing(call) : call();
  }
}

async function failing(call: () => unknown): Promise<never> {
  if (Math.random() < 0.5) await call();
  throw new Unavailable('store', new Error('failed by the test'));
}

function signal(): { readonly fired: Promise<void>; readonly fire: () => void } {
  let fire: () => void = () => undefined;
  const fired = new Promise<void>((resolve) => {
    fire = resolve;
  });
  return { fired, fire };
}
