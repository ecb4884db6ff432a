import type { Core } from '../core/core.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import {
  type AdminActionName,
  type AdminBody,
  type AdminErrorName,
  type AdminRefusal,
  type AdminReply,
  isAdminRefusal,
} from '../protocol/admin-actions.ts';
import { administration } from '../requests/administration.ts';

/** Actions under way at a time on this node. */
const ACTIONS_MAX = 32;
/** Refusals at the door are counted each, and logged so often: whoever knocks must not fill the log. */
const DENIAL_LOG_EVERY_MS = 1_000;

/** What operators ask through this node, and the record of it: which action with which outcome, never about whom. */
export class AdminApi {
  readonly #core: Core;
  readonly #telemetry: Telemetry;
  /** Before the services are started nothing can be done. */
  readonly #isReady: () => boolean;
  #running = 0;
  #deniedLoggedAtMs = Number.NEGATIVE_INFINITY;

  constructor(core: Core, isReady: () => boolean) {
    this.#core = core;
    this.#telemetry = core.telemetry;
    this.#isReady = isReady;
  }

  /** Never throws. */
  async act<Name extends AdminActionName>(
    action: Name,
    body: AdminBody<Name>,
  ): Promise<AdminReply<Name> | AdminRefusal> {
    const outcome = await this.#outcome(action, body);
    const name = isAdminRefusal(outcome) ? outcome.refused : 'ok';
    this.#telemetry.administered(action, name);
    this.#telemetry.info('administered', { action, outcome: name });
    return outcome;
  }

  /** A request that never became an action. */
  denied(action: AdminActionName | 'unknown', reason: AdminErrorName): void {
    this.#telemetry.administered(action, reason);
    const nowMs = performance.now();
    if (nowMs - this.#deniedLoggedAtMs < DENIAL_LOG_EVERY_MS) return;
    this.#deniedLoggedAtMs = nowMs;
    this.#telemetry.info('administered', { action, outcome: reason });
  }

  async #outcome<Name extends AdminActionName>(
    action: Name,
    body: AdminBody<Name>,
  ): Promise<AdminReply<Name> | AdminRefusal> {
    if (!this.#isReady()) return { refused: 'unavailable', message: 'this node is not ready yet' };
    if (this.#running >= ACTIONS_MAX) return { refused: 'busy' };
    this.#running += 1;
    try {
      return await administration[action](this.#core, body);
    } catch (error) {
      if (error instanceof Unavailable) return { refused: 'unavailable' };
      this.#telemetry.warn('administration_failed', error);
      return { refused: 'failed' };
    } finally {
      this.#running -= 1;
    }
  }
}
