import type { Store } from '../chat/store.ts';
import type { ScreenModel, ScreenState } from './screen-model.ts';

/** Frames are at least so far apart, but for the first after a pause. */
const FRAME_MS_MIN = 16;

export interface ScreenWork {
  /** Somebody will see this now; may change the chat. */
  look(model: ScreenModel): void;
  draw(model: ScreenModel): void;
}

/** Holds the state of the screen, and has frames drawn after changes: at once, or with others that come within a moment. */
export class ScreenStore {
  readonly #chat: Store;
  readonly #work: ScreenWork;
  readonly #unwatch: () => void;
  #state: ScreenState;
  #timer: NodeJS.Timeout | undefined;
  #drawnAtMs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(chat: Store, state: ScreenState, work: ScreenWork) {
    this.#chat = chat;
    this.#state = state;
    this.#work = work;
    this.#unwatch = chat.watch(() => this.#drawSoon());
  }

  get model(): ScreenModel {
    return { ...this.#chat.model, ...this.#state };
  }

  change(change: Partial<ScreenState>): void {
    this.#state = { ...this.#state, ...change };
    this.#drawSoon();
  }

  drawNow(): void {
    if (this.#closed) return;
    this.#work.look(this.model);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#work.draw(this.model);
    this.#drawnAtMs = performance.now();
  }

  close(): void {
    this.#closed = true;
    this.#unwatch();
    clearTimeout(this.#timer);
  }

  #drawSoon(): void {
    if (this.#timer !== undefined || this.#closed) return;
    const waitMs = Math.max(0, this.#drawnAtMs + FRAME_MS_MIN - performance.now());
    this.#timer = setTimeout(() => this.drawNow(), waitMs);
  }
}
