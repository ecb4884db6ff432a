import type { SignedAct } from '../../../src/protocol/layouts/session-proofs.ts';
import { signAct } from '../../crypto/connection-proofs.ts';
import type { Clock } from '../connection/clock.ts';
import type { Connection } from '../connection/connection.ts';
import { ConnectionLost } from '../connection/connection-lost.ts';
import type { Link } from '../connection/link.ts';
import type { Login } from '../connection/login.ts';
import type { Wait } from '../connection/waits.ts';
import { ConclaveError, hasCode, localError } from '../errors.ts';
import type { OpenedMessages } from '../rooms/opened-messages.ts';
import type { SenderChains } from '../rooms/sender-chains.ts';
import { closedRecord, deleteRecord, putRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';
import type { LoadedIdentity } from './own-account.ts';
import type { OwnKeys } from './own-keys.ts';

interface AccountActsOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly keys: OwnKeys;
  readonly login: Login;
  readonly state: StateStore;
  readonly opened: Pick<OpenedMessages, 'clear'>;
  readonly senders: Pick<SenderChains, 'clear'>;
  readonly timeoutMs: number | undefined;
}

/** What a user does with the account itself, each with a fresh signature. All end the session. */
export class AccountActs {
  readonly #options: AccountActsOptions;

  constructor(options: AccountActsOptions) {
    this.#options = options;
  }

  /** Rejects with `unavailable` when the connection is lost before the answer: the tokens may be dead or not. */
  async logout(everywhere: boolean): Promise<void> {
    const { login, opened } = this.#options;
    await this.#insist(async (connection) => {
      const signature = await this.#sign(everywhere ? 'logout-everywhere' : 'logout', connection);
      await connection.request('logout', { ...(everywhere ? { everywhere } : {}), signature });
    });
    await login.forgetToken();
    if (everywhere) await opened.clear();
  }

  /**
   * Asks until the new keys are known to be in force. What an answer that was lost did shows at the login that follows:
   * it takes the keys that open the challenge. When time runs out before, they wait in the storage for the next one.
   */
  async rotate(): Promise<void> {
    const { link, clock, keys } = this.#options;
    const { deadlineMs, leftMs } = this.#allowed();
    await link.once(leftMs(), () => Promise.resolve());
    const next = await keys.prepare(clock.wallTime());
    await link.waits.during(async (wait) => {
      while (next !== undefined && !keys.holds(next)) {
        try {
          await link.once(leftMs(), (connection) => this.#replace(connection, next));
        } catch (error) {
          if (!isUndecided(error)) throw error;
          await this.#pauseAfter(error, wait, deadlineMs);
        }
      }
    });
    await link.start(leftMs());
  }

  /** Rejects with `unavailable` when the connection is lost before the answer: the account may be closed or not. */
  async closeAccount(): Promise<void> {
    const { login, opened, senders, state, clock } = this.#options;
    try {
      await this.#insist(async (connection) => {
        const signature = await this.#sign('close-account', connection);
        await connection.request('close-account', { signature });
      });
    } catch (error) {
      // The end of the session may come before the answer.
      const cause = error instanceof ConclaveError ? error.cause : undefined;
      if (!(cause instanceof ConnectionLost) || cause.closeName !== 'account_closed') throw error;
    }
    await putRecord(state, 'session', 'closed', closedRecord, { at: clock.wallTime() });
    await login.forgetToken();
    await opened.clear();
    await senders.clear();
    for (const table of ['epochs', 'prekey-weeks'] as const)
      for (const { key } of await state.list(table)) await deleteRecord(state, table, key);
  }

  async #replace(connection: Connection, next: LoadedIdentity): Promise<void> {
    const { keys, link } = this.#options;
    // A login on the way may have found out that an earlier try was good.
    if (keys.holds(next)) return;
    const signature = await this.#sign('rotate', connection);
    try {
      await connection.request('rotate', { identity: next.signed, signature });
      await keys.accept(next);
    } catch (error) {
      // With a conflict others than the current keys are in force, perhaps these by another process.
      const isOpen = hasCode(error, 'conflict', 'unavailable');
      if (!isOpen) throw error;
    }
    // The server ends this session; the login that follows tells which keys are in force.
    await link.renew(connection);
  }

  /** Asks again, on the same session, while a server says that it could not; not after a lost connection. */
  async #insist(ask: (connection: Connection) => Promise<void>): Promise<void> {
    const { link } = this.#options;
    const { deadlineMs, leftMs } = this.#allowed();
    return link.waits.during(async (wait) => {
      for (;;) {
        try {
          return await link.once(leftMs(), ask);
        } catch (error) {
          if (error instanceof ConnectionLost) throw localError('unavailable', 'answer_lost', {}, error);
          if (!isUndecided(error)) throw error;
          await this.#pauseAfter(error, wait, deadlineMs);
        }
      }
    });
  }

  #pauseAfter(error: unknown, wait: Wait, deadlineMs: number | undefined): Promise<void> {
    const { link } = this.#options;
    if (!(error instanceof ConclaveError)) {
      wait.lost();
      return link.pause(0, deadlineMs);
    }
    wait.refused(error);
    return link.pause(error.retryAfterMs ?? 0, deadlineMs);
  }

  #allowed(): { readonly deadlineMs: number | undefined; leftMs(): number | undefined } {
    const { clock, timeoutMs } = this.#options;
    const deadlineMs = timeoutMs === undefined ? undefined : clock.now() + timeoutMs;
    const leftMs = (): number | undefined =>
      deadlineMs === undefined ? undefined : Math.max(deadlineMs - clock.now(), 0);
    return { deadlineMs, leftMs };
  }

  #sign(act: SignedAct, connection: Connection): Promise<Uint8Array> {
    return signAct(this.#options.keys.current.ready, act, connection.binding);
  }
}

/** Whether it took effect is not known, or it did not and may later. */
function isUndecided(error: unknown): boolean {
  if (error instanceof ConnectionLost) return true;
  return hasCode(error, 'unavailable', 'rate_limited');
}
