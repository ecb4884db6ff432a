import { addToList, removeFromList } from './lease-scripts.ts';
import { chunks } from './reply.ts';
import type { RunScript } from './script.ts';

/** The lists of a dead node outlive every reaping by far; after that the sweep finds what is left. */
export const LIST_LIFE_MS: number = 60 * 60 * 1000;
const LIST_BATCH_MAX = 512;

/**
 * Where an incarnation has entries of one kind, in Redis and here. One write is under way at a time; what is asked for
 * meanwhile goes out with the next one, so that thousands who come and go at once are few writes.
 */
export class PresenceList {
  readonly #run: RunScript;
  readonly #key: string;
  readonly #listed = new Set<string>();
  #adding = new Set<string>();
  #removing = new Map<string, () => boolean>();
  #lastWrite: Promise<void> = Promise.resolve();
  /** Takes what is gathered, once the one before has ended. */
  #nextWrite: Promise<void> | undefined;

  constructor(run: RunScript, key: string) {
    this.#run = run;
    this.#key = key;
  }

  /** What this node knows to be listed: Redis may have dropped the list while it still wrote. */
  get listed(): ReadonlySet<string> {
    return this.#listed;
  }

  /** Resolves when all are listed. Throws Unavailable. */
  async add(ids: readonly string[]): Promise<void> {
    const missing = ids.filter((id) => !this.#listed.has(id));
    if (missing.length === 0) return;
    for (const id of missing) this.#adding.add(id);
    await this.#write();
  }

  /** Takes an id off, unless it is in use again when the turn comes. Throws Unavailable. */
  async remove(id: string, isUnused: () => boolean): Promise<void> {
    this.#removing.set(id, isUnused);
    await this.#write();
  }

  #write(): Promise<void> {
    if (this.#nextWrite !== undefined) return this.#nextWrite;
    const write = this.#lastWrite.then(() => this.#writeGathered());
    this.#nextWrite = write;
    this.#lastWrite = write.catch(() => undefined);
    return write;
  }

  async #writeGathered(): Promise<void> {
    const [adding, removing] = [this.#adding, this.#removing];
    this.#nextWrite = undefined;
    this.#adding = new Set();
    this.#removing = new Map();
    for (const batch of chunks([...adding], LIST_BATCH_MAX)) {
      await this.#run(addToList, [this.#key], [LIST_LIFE_MS, ...batch]);
      for (const id of batch) this.#listed.add(id);
    }
    const unused = [...removing].flatMap(([id, isUnused]) =>
      this.#listed.has(id) && isUnused() ? [id] : [],
    );
    // Before it is sent: whoever needs one from here on lists it again.
    for (const id of unused) this.#listed.delete(id);
    for (const batch of chunks(unused, LIST_BATCH_MAX)) await this.#run(removeFromList, [this.#key], batch);
  }
}
