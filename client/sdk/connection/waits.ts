import { texts } from '../../texts/texts.ts';
import { ConclaveError, errorWith } from '../errors.ts';
import type { Clock } from './clock.ts';

/** Whoever waits longer than this wants to know for what. */
export const HELD_UP_MS = 3_000;
/** How often it is looked again, once somebody waits for that long. */
const LOOK_MS = 1_000;

/** Somebody waits for an answer of the server, however often it is asked for. */
export interface Wait {
  /** It is asked for now, on a connection that is open. */
  asked(): void;
  /** The server said that it can't be had now: it will be asked for again. */
  refused(error: ConclaveError): void;
  /** The connection was lost, whose state says what goes on. */
  lost(): void;
}

interface Open {
  since: number;
  askedAt: number | undefined;
  why: ConclaveError | undefined;
}

interface WaitsOptions {
  readonly clock: Clock;
  readonly isOnline: () => boolean;
  /** Why somebody has been waiting for longer than HELD_UP_MS; undefined: nobody is any more. Each reason once. */
  readonly tell: (why: ConclaveError | undefined) => void;
}

/** What is asked of the server and not answered yet, and why. */
export class Waits {
  readonly #options: WaitsOptions;
  readonly #open = new Set<Open>();
  #told: ConclaveError | undefined;
  #cancelLook: (() => void) | undefined;

  constructor(options: WaitsOptions) {
    this.#options = options;
  }

  /** Why the server has not answered something yet, however short the wait; undefined: it has, or there is no connection. */
  get why(): ConclaveError | undefined {
    return this.#why(0);
  }

  async during<T>(work: (wait: Wait) => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    const open: Open = { since: clock.now(), askedAt: undefined, why: undefined };
    this.#open.add(open);
    this.#cancelLook ??= clock.schedule(HELD_UP_MS, () => this.#look());
    try {
      return await work({
        asked: () => {
          open.askedAt = clock.now();
        },
        refused: (error) => {
          open.why = error;
        },
        lost: () => {
          open.since = clock.now();
          open.askedAt = undefined;
          open.why = undefined;
        },
      });
    } finally {
      this.#open.delete(open);
      if (this.#told !== undefined) this.#tell();
    }
  }

  close(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    this.#open.clear();
  }

  /** One timer for all of them: most waits are over long before it runs. */
  #look(): void {
    this.#tell();
    this.#cancelLook =
      this.#open.size === 0 ? undefined : this.#options.clock.schedule(LOOK_MS, () => this.#look());
  }

  #tell(): void {
    const why = this.#why(HELD_UP_MS);
    if (why?.message === this.#told?.message) return;
    this.#told = why;
    this.#options.tell(why);
  }

  #why(waitedMs: number): ConclaveError | undefined {
    if (!this.#options.isOnline()) return undefined;
    const now = this.#options.clock.now();
    for (const { askedAt, since, why } of this.#open) {
      if (now - since < waitedMs) continue;
      if (why !== undefined) return heldUpBy(why);
      if (askedAt !== undefined && now - askedAt >= waitedMs)
        return errorWith('unavailable', texts.heldUp.silent);
    }
    return undefined;
  }
}

/** The words for a refusal say what to do about it; here it is being done. */
export function heldUpBy(error: ConclaveError): ConclaveError {
  const { code, connection } = error;
  const known = Object.entries(texts.heldUp).find(([name]) => name === code)?.[1];
  return new ConclaveError(code, known ?? error.message, { cause: error, connection });
}
