import type { Session } from './session.ts';

const TICK_MS = 250;

/** Connections that are not logged in yet, by age. */
export class LoginDeadline {
  readonly #waiting = new Set<Session>();
  readonly #lifeMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(loginSeconds: number) {
    this.#lifeMs = loginSeconds * 1_000;
  }

  add(session: Session): void {
    this.#waiting.add(session);
    this.#timer ??= setInterval(this.#tick, TICK_MS);
  }

  /** Logged in, or closed. True: for the first time. */
  remove(session: Session): boolean {
    const wasWaiting = this.#waiting.delete(session);
    if (wasWaiting && this.#waiting.size === 0) this.close();
    return wasWaiting;
  }

  readonly #tick = (): void => {
    const openedBefore = performance.now() - this.#lifeMs;
    for (const session of this.#waiting) {
      if (session.openedAtMs > openedBefore) return;
      session.close('login_timeout');
    }
  };

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#waiting.clear();
  }
}
