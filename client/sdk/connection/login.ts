import type { Fingerprint, UserId } from '../../../src/protocol/ids.ts';
import { foldName } from '../../../src/protocol/names.ts';
import type { ReplyBody } from '../../../src/protocol/requests.ts';
import { answerChallenge, proveRegistration, signResume } from '../../crypto/connection-proofs.ts';
import type { RegisterOptions } from '../api.ts';
import { ConclaveError, localError } from '../errors.ts';
import type { LoadedIdentity } from '../people/own-account.ts';
import type { OwnKeys } from '../people/own-keys.ts';
import { closedRecord, deleteRecord, getRecord, putRecord, tokenRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';
import type { Clock } from './clock.ts';
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

/** Opens the sessions of one account, one after the other, each on a greeted connection. */
export class Login {
  readonly #keys: OwnKeys;
  readonly #state: StateStore;
  readonly #clock: Pick<Clock, 'wallTime'>;
  /** The account is to be made first. */
  #registering: RegisterOptions | undefined;
  /** Fingerprint of the keys that the last session was opened with; once it was revoked, of those that open no more. */
  #openedWith: Fingerprint | undefined;
  #endedUnder: Fingerprint | undefined;

  constructor(keys: OwnKeys, state: StateStore, clock: Pick<Clock, 'wallTime'>) {
    this.#keys = keys;
    this.#state = state;
    this.#clock = clock;
  }

  /** The next session is the account's first. */
  registerFirst(options: RegisterOptions): void {
    this.#registering = options;
  }

  /**
   * By the stored token; by the keys when there is none, or it is refused. After `revoked`, only by other keys than those of the
   * session that was. Rejects with `keys_replaced` when the server says that there are newer keys.
   */
  async open(connection: Connection): Promise<OpenedSession> {
    await this.#refuseIfClosed();
    const opened = await (this.#registering === undefined
      ? this.#open(connection)
      : this.#register(connection, this.#registering));
    this.#registering = undefined;
    this.#openedWith = opened.fingerprint;
    this.#endedUnder = undefined;
    return opened;
  }

  /**
   * The session was revoked. Undefined when there are other keys to come back with, in use or waiting: after a rotation, perhaps by
   * another process of this profile. Else why there is no coming back.
   */
  async revoked(): Promise<ConclaveError | undefined> {
    await this.#keys.reload();
    this.#endedUnder = this.#openedWith;
    const { current, pending } = this.#keys;
    const hasOthers = current.ready.fingerprint !== this.#openedWith || pending !== undefined;
    return hasOthers ? undefined : endedElsewhere();
  }

  forgetToken(): Promise<void> {
    return deleteRecord(this.#state, 'session', 'token');
  }

  async #open(connection: Connection): Promise<OpenedSession> {
    await this.#keys.reload();
    const { current } = this.#keys;
    const stored = await getRecord(this.#state, 'session', 'token', tokenRecord);
    if (stored === undefined || stored.until - TOKEN_MARGIN_MS <= this.#clock.wallTime())
      return this.#byKeys(connection);
    try {
      const signature = await signResume(current.ready, connection.binding, stored.token);
      const reply = await connection.request('resume', { token: stored.token, signature });
      return await this.#accept('resume', current, reply);
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      if (error.code !== 'auth_failed' && error.code !== 'keys_replaced') throw error;
      await this.forgetToken();
      return this.#byKeys(connection, error.code === 'keys_replaced');
    }
  }

  /** Makes the account, then opens its first session. */
  async #register(connection: Connection, { invite }: RegisterOptions): Promise<OpenedSession> {
    const { signed, ready } = this.#keys.current;
    const proof = await proveRegistration(ready, connection.binding, signed.document);
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
      return await this.#byKeys(connection).catch((login: unknown) => {
        throw login instanceof ConclaveError && login.code === 'auth_failed' ? error : login;
      });
    }
    return this.#byKeys(connection);
  }

  /** The challenge tells which keys are in force: those in use, or those that wait since a rotation that was cut short. */
  async #byKeys(connection: Connection, areReplaced = false): Promise<OpenedSession> {
    const { binding } = connection;
    const { name, current, pending } = this.#keys;
    const { challenge, expires } = await connection.request('login', { username: name });
    const fields = { ...binding, username: foldName(name), expires };
    for (const identity of pending === undefined ? [current] : [current, pending]) {
      const answer = await answerChallenge(identity.ready, fields, challenge);
      if (!answer.ok) continue;
      if (identity.ready.fingerprint === this.#endedUnder) throw endedElsewhere();
      const reply = await connection.request('answer', { mac: answer.mac });
      if (identity === pending) await this.#keys.accept(pending);
      return this.#accept('login', identity, reply);
    }
    // What does not open was made for somebody else, or is no challenge at all: no answer.
    throw areReplaced ? localError('keys_replaced', 'keys_replaced') : doesNotOpen(binding.origin);
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
    await this.#keys.belongTo(user);
    await putRecord(this.#state, 'session', 'token', tokenRecord, { token, until });
    return { user, by, fingerprint };
  }
}

function endedElsewhere(): ConclaveError {
  return localError('auth_failed', 'ended_elsewhere');
}

function doesNotOpen(origin: string): ConclaveError {
  return localError('auth_failed', 'unknown_account', { host: new URL(origin).host });
}
