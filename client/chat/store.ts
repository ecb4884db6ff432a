import type { Model } from './model/model.ts';

/** Holds the model, and tells those who watch it of each change. */
export class Store {
  #model: Model;
  readonly #watchers = new Set<() => void>();

  constructor(model: Model) {
    this.#model = model;
  }

  get model(): Model {
    return this.#model;
  }

  change(transition: (model: Model) => Model): void {
    const before = this.#model;
    this.#model = transition(before);
    if (this.#model !== before) for (const watcher of this.#watchers) watcher();
  }

  /** Calls after each change, in the same turn; returns what ends that. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}
