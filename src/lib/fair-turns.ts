/**
 * Work of which one step is cheap and many are not, such as pages of a long log. One step runs in each turn of the event loop,
 * whoever asks and however many do, and keys take turns: a user with a hundred pages under way holds up another for one step.
 */
export class FairTurns {
  /** In the order of their turns; a key with more to do goes to the end. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #isPumping = false;

  /** Resolves at the beginning of this key's next turn. */
  turn(key: string): Promise<void> {
    return new Promise((resolve) => {
      const steps = this.#waiting.get(key);
      if (steps === undefined) this.#waiting.set(key, [resolve]);
      else steps.push(resolve);
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
    const step = steps.shift();
    this.#waiting.delete(key);
    if (steps.length > 0) this.#waiting.set(key, steps);
    setImmediate(() => this.#pump());
    step?.();
  }
}
