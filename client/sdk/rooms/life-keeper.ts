import { sameBytes } from '../../../src/protocol/bytes.ts';
import type { PinnedLife } from '../storage/records.ts';
import { Turns } from '../turns.ts';
import type { LifeChanges, LifeChangesOptions } from './life-changes.ts';

/** Most rooms have no life, or the one that was there before. */
const changes = () => import('./life-changes.ts');

/** How long messages of one room stay by default: what its owner signed, as this profile has pinned it. */
export class LifeKeeper {
  readonly #options: Omit<LifeChangesOptions, 'load'>;
  /** One look at a time: each decides by what the one before pinned. */
  readonly #turns = new Turns();
  #changes: LifeChanges | undefined;
  #seconds = 0;

  constructor(options: Omit<LifeChangesOptions, 'load'>) {
    this.#options = options;
  }

  /** After a message was shown; 0: messages stay. As it was found last. */
  get seconds(): number {
    return this.#seconds;
  }

  /** What the profile has pinned; the server is not asked. */
  async load(): Promise<PinnedLife | undefined> {
    const { book, state } = this.#options;
    const pinned = await book.pins.lifeOf(state.info.room);
    this.#seconds = pinned?.seconds ?? 0;
    return pinned;
  }

  /** For a message that is sent now. What could not be looked at is as if it was not shown. */
  async forSending(): Promise<number> {
    await this.look().catch(() => undefined);
    return this.#seconds;
  }

  /** Looks at what the server shows. Rejects when the members can't be read now. */
  look(): Promise<void> {
    return this.#turns.run(async () => {
      const { link, state } = this.#options;
      const { life: told, role } = state.info;
      const pinned = await this.load();
      // A gateway of an earlier release shows none, whatever the room has.
      if (told === undefined && (pinned === undefined || !link.has('room-life'))) return;
      // The owner's client minds who signed it.
      const isPinned = told !== undefined && pinned !== undefined && sameBytes(told, pinned.signed);
      if (!isPinned || role === 'owner') await (await this.#loaded()).look(told, pinned);
    });
  }

  /** Signs another one; 0: messages stay. Rejects with `forbidden`, `usage`. */
  async set(seconds: number): Promise<void> {
    await this.look();
    await this.#turns.run(async () => (await this.#loaded()).set(seconds));
  }

  async #loaded(): Promise<LifeChanges> {
    const { LifeChanges } = await changes();
    this.#changes ??= new LifeChanges({ ...this.#options, load: () => this.load() });
    return this.#changes;
  }
}
