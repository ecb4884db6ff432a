interface Step {
  readonly begin: () => void;
  readonly drop: (reason: Error) => void;
  readonly askedAtMs: number;
}

/**
 * Work of which one step is cheap and many are not, such as pages of a long log. One step runs in each turn of the event loop,
 * whoever asks and however many do, and keys take turns: a user with a hundred pages under way holds up another for one step.
 */
export class FairTurns {
  readonly #waitMsMax: number;
  readonly #tooLate: () => Error;
  /** In the order of their turns; a key with more to do goes to the end. */
  readonly #waiting = new Map<string, Step[]>();
  #isPumping = false;

  /** `waitMsMax`: nobody waits for a step that waited longer. It fails with `tooLate`. */
  constructor(waitMsMax: number, tooLate: () => Error) {
    this.#waitMsMax = waitMsMax;
    this.#tooLate = tooLate;
  }

  /** Resolves at the beginning of this key's next turn. Throws when that comes too late. */
  turn(key: string): Promise<void> {
    return new Promise((begin, drop) => {
      const step = { begin, drop, askedAtMs: performance.now() };
      const steps = this.#waiting.get(key);
      if (steps === undefined) this.#waiting.set(key, [step]);
      else steps.push(step);
      if (this.#isPumping) return;
      this.#isPumping = true;
      setImmediate(() => this.#pump());
    });
  }

  #pump(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#isPumping = false;
      return;
    }
    const [key, steps] = next;
    this.#dropLate(steps);
    const step = steps.shift();
    this.#waiting.delete(key);
    if (steps.length > 0) this.#waiting.set(key, steps);
    setImmediate(() => this.#pump());
    step?.begin();
  }

  /** Nobody waits for their answers any more, so doing them would only make others late, too. */
  #dropLate(steps: Step[]): void {
    const askedBefore = performance.now() - this.#waitMsMax;
    const timely = steps.findIndex(({ askedAtMs }) => askedAtMs >= askedBefore);
    const late = steps.splice(0, timely < 0 ? steps.length : timely);
    for (const { drop } of late) drop(this.#tooLate());
  }
}
