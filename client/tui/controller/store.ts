import type { Model } from '../model/model.ts';

/** Frames are at least so far apart, but for the first after a pause. */
const FRAME_MS_MIN = 16;

/** Holds the model, and asks for a frame after changes: at once, or with others that come within a moment. */
export class Store {
  #model: Model;
  readonly #draw: (model: Model) => void;
  readonly #settle: (model: Model) => Model;
  #timer: NodeJS.Timeout | undefined;
  #drawnAtMs = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** `settle` makes the model ready for a frame. */
  constructor(
    model: Model,
    draw: (model: Model) => void,
    settle: (model: Model) => Model = (unchanged) => unchanged,
  ) {
    this.#model = model;
    this.#draw = draw;
    this.#settle = settle;
  }

  get model(): Model {
    return this.#model;
  }

  change(transition: (model: Model) => Model): void {
    const before = this.#model;
    this.#model = transition(before);
    if (this.#model === before || this.#timer !== undefined || this.#closed) return;
    const waitMs = Math.max(0, this.#drawnAtMs + FRAME_MS_MIN - performance.now());
    this.#timer = setTimeout(() => this.drawNow(), waitMs);
  }

  drawNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#closed) return;
    this.#model = this.#settle(this.#model);
    this.#draw(this.#model);
    this.#drawnAtMs = performance.now();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
