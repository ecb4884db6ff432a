import type { TokenId } from '../core/caller.ts';
import { KeyedMutex } from '../lib/keyed-mutex.ts';
import type { Presence } from '../ports/presence.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { UserId } from '../protocol/ids.ts';
import type { OpenSession } from './session.ts';

/** The sessions of this node that are logged in; keeps the user's number over the cluster in step. */
export class SessionRegistry {
  /** By user, and by the token that opened them. */
  readonly #byMark = new Map<UserId | TokenId, readonly OpenSession[]>();
  readonly #mutex = new KeyedMutex<UserId>();
  readonly #presence: Presence;
  readonly #telemetry: Telemetry;
  readonly #maxSessionsPerUser: number;
  #size = 0;

  constructor(presence: Presence, telemetry: Telemetry, maxSessionsPerUser: number) {
    this.#presence = presence;
    this.#telemetry = telemetry;
    this.#maxSessionsPerUser = maxSessionsPerUser;
  }

  /** Of a user, or of those who were opened by one token. */
  of(mark: UserId | TokenId): readonly OpenSession[] {
    return this.#byMark.get(mark) ?? [];
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Counts one more session of the user over the cluster, then `open` makes it, or gives undefined when it is no longer
   * wanted. Throws Unavailable.
   */
  add(user: UserId, open: () => OpenSession | undefined): Promise<'added' | 'not_wanted' | 'too_many'> {
    return this.#mutex.run(user, async () => {
      const before = this.of(user).length;
      if ((await this.#presence.setSessions(user, before + 1, this.#maxSessionsPerUser)) === 'too_many')
        return 'too_many';
      const session = open();
      if (session !== undefined) {
        // Of just that length, unlike with push().
        for (const mark of marksOf(session)) this.#byMark.set(mark, this.of(mark).concat(session));
        this.#size += 1;
        this.#telemetry.sessions(1);
      }
      // Also true when another one of the user went while this one came.
      if (this.of(user).length !== before + 1) await this.#writeCount(user);
      return session === undefined ? 'not_wanted' : 'added';
    });
  }

  remove(session: OpenSession): void {
    const { user } = session;
    for (const mark of marksOf(session)) {
      const rest = this.of(mark).filter((other) => other !== session);
      if (rest.length === 0) this.#byMark.delete(mark);
      else this.#byMark.set(mark, rest);
    }
    this.#size -= 1;
    this.#telemetry.sessions(-1);
    this.#mutex
      .run(user, () => this.#writeCount(user))
      .catch((error: unknown) => this.#telemetry.warn('session_count_failed', error));
  }

  /** The presence keeps a number that it could not write, and writes it when its service is back. */
  async #writeCount(user: UserId): Promise<void> {
    try {
      await this.#presence.setSessions(user, this.of(user).length, Number.MAX_SAFE_INTEGER);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
    }
  }
}

function marksOf({ caller }: OpenSession): readonly (UserId | TokenId)[] {
  return [caller.user, caller.tokenId];
}
