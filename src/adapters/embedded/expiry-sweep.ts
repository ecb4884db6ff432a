import type { Telemetry } from '../../ports/telemetry.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import { expireRevocations } from './lmdb-identity-store.ts';
import { expireInvites } from './lmdb-invite-store.ts';
import type { LmdbLink } from './lmdb-link.ts';
import { trimChanges } from './roster-log.ts';
import { keyOf } from './store-keys.ts';
import { removePosition } from './stored-positions.ts';

/** Rows removed in one commit: the sweep shares the disk with the appends. */
const STEP_MAX = 200;
const EXPIRY_TIME_BYTES = 8;

/** Reclaims the space of what has expired. Reading leaves that out before, so nothing depends on when this runs. */
export class ExpirySweep {
  readonly #link: LmdbLink;
  readonly #telemetry: Telemetry;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(link: LmdbLink, telemetry: Telemetry, now: () => number) {
    this.#link = link;
    this.#telemetry = telemetry;
    this.#now = now;
  }

  start(everyMs: number): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.#sweep();
    }, everyMs).unref();
  }

  /** Resolves when no step is under way any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #sweep(): Promise<void> {
    try {
      while (!this.#closed && (await this.#expireMessages()) === STEP_MAX);
      while (!this.#closed && (await this.#trimChanges()) === STEP_MAX);
      while (!this.#closed && (await this.#expireInvites()) === STEP_MAX);
      while (!this.#closed && (await this.#expireRevocations()) === STEP_MAX);
    } catch (error) {
      // The store itself tells when it is unavailable, and the next sweep starts where this one stopped.
      if (!(error instanceof Unavailable)) this.#telemetry.warn('expiry_sweep_failed', error);
    } finally {
      this.#running = undefined;
    }
  }

  #expireMessages(): Promise<number> {
    return this.#link.writeAlone('expire_messages', (view, reader) => {
      const due = reader.keys('message-expiry', {
        start: keyOf(0),
        end: keyOf(this.#now()),
        limit: STEP_MAX,
      });
      for (const key of due) {
        removePosition(view, key.subarray(EXPIRY_TIME_BYTES));
        view.remove('message-expiry', key);
      }
      return due.length;
    });
  }

  #expireInvites(): Promise<number> {
    return this.#link.writeAlone('expire_invites', (view, reader) =>
      expireInvites(view, reader, this.#now(), STEP_MAX),
    );
  }

  #expireRevocations(): Promise<number> {
    return this.#link.writeAlone('expire_revocations', (view, reader) =>
      expireRevocations(view, reader, this.#now(), STEP_MAX),
    );
  }

  #trimChanges(): Promise<number> {
    return this.#link.writeAlone('trim_changes', (view, reader) =>
      trimChanges(view, reader, this.#now(), STEP_MAX),
    );
  }
}
