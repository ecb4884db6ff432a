import { ClockJump, type Clocks } from '../../domain/clock-jump.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import { expireBackupParts } from './lmdb-backup-store.ts';
import { expireEpochs } from './lmdb-epoch-store.ts';
import { expireRevocations } from './lmdb-identity-store.ts';
import { expireInvites } from './lmdb-invite-store.ts';
import type { LmdbLink } from './lmdb-link.ts';
import { expireLinks } from './lmdb-link-store.ts';
import { expirePrekeys } from './lmdb-prekey-store.ts';
import { trimChanges } from './roster-log.ts';
import { keyOf, NUMBER_BYTES } from './store-keys.ts';
import { removePosition } from './stored-positions.ts';

/** Rows removed in one commit: the sweep shares the disk with the appends. */
const STEP_MAX = 200;
/** After the machine's clock was set, nothing is deleted for so long: a clock that was set wrong can be set right first. */
export const SWEEP_HOLD_MS = 24 * 3_600_000;

/** Each removes at most so many rows that are over, and answers how many. */
const expiries = [
  ['expire_invites', expireInvites],
  ['expire_revocations', expireRevocations],
  ['expire_epochs', expireEpochs],
  ['expire_prekeys', expirePrekeys],
  ['expire_backup_parts', expireBackupParts],
  ['expire_links', expireLinks],
] as const;

/** Reclaims the space of what has expired. Reading leaves that out before, so nothing depends on when this runs. */
export class ExpirySweep {
  readonly #link: LmdbLink;
  readonly #telemetry: Telemetry;
  readonly #now: () => number;
  readonly #jump: ClockJump;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(link: LmdbLink, telemetry: Telemetry, clocks: Clocks) {
    this.#link = link;
    this.#telemetry = telemetry;
    this.#now = clocks.wall;
    this.#jump = new ClockJump(clocks);
  }

  start(everyMs: number): void {
    this.#timer = setInterval(() => {
      // Cleared later: a sweep that may delete nothing ends before it is assigned.
      this.#running ??= this.#sweep().finally(() => {
        this.#running = undefined;
      });
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
      await this.#repeat((nowMs) => this.#expireMessages(nowMs));
      await this.#repeat((nowMs) => this.#trimChanges(nowMs));
      for (const [operation, expire] of expiries)
        await this.#repeat((nowMs) =>
          this.#link.writeAlone(operation, (view, reader) => expire(view, reader, nowMs, STEP_MAX)),
        );
    } catch (error) {
      // The store itself tells when it is unavailable, and the next sweep starts where this one stopped.
      if (!(error instanceof Unavailable)) this.#telemetry.warn('expiry_sweep_failed', error);
    }
  }

  async #repeat(step: (nowMs: number) => Promise<number>): Promise<void> {
    for (let nowMs = this.due(); nowMs !== undefined; nowMs = this.due())
      if ((await step(nowMs)) < STEP_MAX) return;
  }

  /** What is older than this may be deleted now; undefined: nothing may. */
  due(): number | undefined {
    // Read first: a clock that is set from here on does not reach this step.
    const nowMs = this.#now();
    const jumpMs = this.#jump.look();
    if (jumpMs !== 0) {
      this.#telemetry.clockJumped();
      this.#telemetry.warn('clock_jumped', undefined, { seconds: Math.round(jumpMs / 1000) });
    }
    return this.#closed || this.#jump.isWithin(SWEEP_HOLD_MS) ? undefined : nowMs;
  }

  #expireMessages(nowMs: number): Promise<number> {
    return this.#link.writeAlone('expire_messages', (view, reader) => {
      const due = reader.keys('message-expiry', {
        start: keyOf(0),
        end: keyOf(nowMs),
        limit: STEP_MAX,
      });
      for (const key of due) {
        removePosition(view, key.subarray(NUMBER_BYTES));
        view.remove('message-expiry', key);
      }
      return due.length;
    });
  }

  #trimChanges(nowMs: number): Promise<number> {
    return this.#link.writeAlone('trim_changes', (view, reader) =>
      trimChanges(view, reader, nowMs, STEP_MAX),
    );
  }
}
