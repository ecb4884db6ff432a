import type { Fingerprint, UserId } from '../../../src/protocol/ids.ts';
import type { ConnectionBinding } from '../../../src/protocol/layouts/session-proofs.ts';
import { foldName } from '../../../src/protocol/names.ts';
import type { ReplyBody } from '../../../src/protocol/requests.ts';
import { answerChallenge, proveRegistration, signResume } from '../../crypto/connection-proofs.ts';
import { ConclaveError, localError } from '../errors.ts';
import type { LoadedIdentity } from '../people/own-account.ts';
import type { OwnKeys } from '../people/own-keys.ts';
import {
  closedRecord,
  deleteRecord,
  getRecord,
  meRecord,
  putRecord,
  tokenRecord,
} from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';
import type { Connection } from './connection.ts';

/** A token this close to its end is not worth the try. */
const TOKEN_MARGIN_MS = 60_000;

export interface OpenedSession {
  readonly user: UserId;
  /** `login`: the server knows nothing of what this client has; `resume`: the session goes on. */
  readonly by: 'login' | 'resume';
  /** Of the keys that it was opened with. */
  readonly fingerprint: Fingerprint;
}

/** Opens the session of one account on a greeted connection. */
export class Login {
  readonly #keys: OwnKeys;
  readonly #state: StateStore;
  readonly #wallTime: () => number;

  constructor(keys: OwnKeys, state: StateStore, wallTime: () => number) {
    this.#keys = keys;
    this.#state = state;
    this.#wallTime = wallTime;
  }

  /**
   * By the stored token; by the keys when there is none, or it is refused. `endedUnder`: a session of these keys was
   * revoked, so only others open one. Rejects with `keys_replaced` when the server says that there are newer keys.
   */
  async open(
    connection: Connection,
    binding: ConnectionBinding,
    endedUnder?: Fingerprint,
  ): Promise<OpenedSession> {
    await this.#refuseIfClosed();
    await this.#keys.reload();
    const { current } = this.#keys;
    let whyNot: Refusal = { endedUnder };
    const stored = await getRecord(this.#state, 'session', 'token', tokenRecord);
    if (stored !== undefined && stored.until - TOKEN_MARGIN_MS > this.#wallTime()) {
      try {
        const signature = await signResume(current.ready, binding, stored.token);
        const reply = await connection.request('resume', { token: stored.token, signature });
        return await this.#accept('resume', current, reply);
      } catch (error) {
        if (!(error instanceof ConclaveError)) throw error;
        if (error.code !== 'auth_failed' && error.code !== 'keys_replaced') throw error;
        whyNot = { ...whyNot, replaced: error.code === 'keys_replaced' };
        await this.forgetToken();
      }
    }
    return this.#byKeys(connection, binding, whyNot);
  }

  /** Makes the account, then opens its first session. `invite`: a code, for servers that ask for one. */
  async register(
    connection: Connection,
    binding: ConnectionBinding,
    invite: string | undefined,
  ): Promise<OpenedSession> {
    await this.#refuseIfClosed();
    const { signed, ready } = this.#keys.current;
    const proof = await proveRegistration(ready, binding, signed.document);
    try {
      await connection.request('register', {
        identity: signed,
        proof,
        ...(invite !== undefined && { invite }),
      });
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      const isUsed = error.code === 'invite_needed' && invite !== undefined;
      if (error.code !== 'name_taken' && !isUsed) throw error;
      // Perhaps by ourselves: the answer to an earlier try may have been lost. Only a refusal of these keys says that
      // the name is another's; anything else says nothing, and is tried again.
      return await this.#byKeys(connection, binding).catch((login: unknown) => {
        throw login instanceof ConclaveError && login.code === 'auth_failed' ? error : login;
      });
    }
    return this.#byKeys(connection, binding);
  }

  forgetToken(): Promise<void> {
    return deleteRecord(this.#state, 'session', 'token');
  }

  /** The challenge tells which keys are in force: those in use, or those that wait since a rotation that was cut short. */
  async #byKeys(
    connection: Connection,
    binding: ConnectionBinding,
    whyNot: Refusal = {},
  ): Promise<OpenedSession> {
    const { name, current, pending } = this.#keys;
    const { challenge, expires } = await connection.request('login', { username: name });
    const fields = { ...binding, username: foldName(name), expires };
    for (const identity of pending === undefined ? [current] : [current, pending]) {
      const answer = await answerChallenge(identity.ready, fields, challenge);
      if (!answer.ok) continue;
      if (identity.ready.fingerprint === whyNot.endedUnder) throw endedElsewhere();
      const reply = await connection.request('answer', { mac: answer.mac });
      if (identity === pending) await this.#keys.accept(pending);
      return this.#accept('login', identity, reply);
    }
    // What does not open was made for somebody else, or is no challenge at all: no answer.
    throw whyNot.replaced === true ? keysReplaced() : doesNotOpen(binding.origin);
  }

  async #refuseIfClosed(): Promise<void> {
    const closed = await getRecord(this.#state, 'session', 'closed', closedRecord);
    if (closed !== undefined) throw localError('auth_failed', 'account_over');
  }

  async #accept(
    by: OpenedSession['by'],
    { ready: { fingerprint } }: LoadedIdentity,
    { user, token, until }: ReplyBody<'answer'>,
  ): Promise<OpenedSession> {
    const known = await getRecord(this.#state, 'session', 'me', meRecord);
    if (known !== undefined && known.user !== user)
      throw new ConclaveError('trust', 'the server says that this account has another id than before');
    if (known === undefined) await putRecord(this.#state, 'session', 'me', meRecord, { user });
    await putRecord(this.#state, 'session', 'token', tokenRecord, { token, until });
    return { user, by, fingerprint };
  }
}

/** What is known before the keys are tried. */
interface Refusal {
  readonly endedUnder?: Fingerprint | undefined;
  readonly replaced?: boolean;
}

export function endedElsewhere(): ConclaveError {
  return localError('auth_failed', 'ended_elsewhere');
}

function keysReplaced(): ConclaveError {
  return localError('keys_replaced', 'keys_replaced');
}

function doesNotOpen(origin: string): ConclaveError {
  return localError('auth_failed', 'unknown_account', { host: new URL(origin).host });
}
