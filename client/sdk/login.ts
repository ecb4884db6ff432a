import type { UserId } from '../../src/protocol/ids.ts';
import type { ConnectionBinding } from '../../src/protocol/layouts/session-proofs.ts';
import { foldName } from '../../src/protocol/names.ts';
import type { ReplyBody } from '../../src/protocol/requests.ts';
import { answerChallenge, proveRegistration, signResume } from '../crypto/connection-proofs.ts';
import type { Connection } from './connection.ts';
import { ConclaveError } from './errors.ts';
import type { OwnAccount } from './own-account.ts';
import { deleteRecord, getRecord, meRecord, putRecord, tokenRecord } from './records.ts';
import type { StateStore } from './state-store.ts';

/** A token this close to its end is not worth the try. */
const TOKEN_MARGIN_MS = 60_000;

export interface OpenedSession {
  readonly user: UserId;
  /** `login`: the server knows nothing of what this client has; `resume`: the session goes on. */
  readonly by: 'login' | 'resume';
}

/** Opens the session of one account on a greeted connection. */
export class Login {
  readonly #account: OwnAccount;
  readonly #state: StateStore;
  readonly #wallTime: () => number;

  constructor(account: OwnAccount, state: StateStore, wallTime: () => number) {
    this.#account = account;
    this.#state = state;
    this.#wallTime = wallTime;
  }

  /** By the stored token; by the keys when there is none, or it is refused. */
  async open(connection: Connection, binding: ConnectionBinding): Promise<OpenedSession> {
    const stored = await getRecord(this.#state, 'session', 'token', tokenRecord);
    if (stored !== undefined && stored.until - TOKEN_MARGIN_MS > this.#wallTime()) {
      try {
        const signature = await signResume(this.#account.current.ready, binding, stored.token);
        return await this.#accept(
          'resume',
          await connection.request('resume', { token: stored.token, signature }),
        );
      } catch (error) {
        if (!(error instanceof ConclaveError) || error.code !== 'auth_failed') throw error;
        await this.forgetToken();
      }
    }
    return this.#byKeys(connection, binding);
  }

  /** Makes the account, then opens its first session. `invite`: a code, for servers that ask for one. */
  async register(
    connection: Connection,
    binding: ConnectionBinding,
    invite: string | undefined,
  ): Promise<OpenedSession> {
    const { signed, ready } = this.#account.current;
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

  async #byKeys(connection: Connection, binding: ConnectionBinding): Promise<OpenedSession> {
    const username = foldName(this.#account.name);
    const { challenge, expires } = await connection.request('login', { username: this.#account.name });
    const answer = await answerChallenge(
      this.#account.current.ready,
      { ...binding, username, expires },
      challenge,
    );
    // What does not open was made for somebody else, or is no challenge at all: no answer.
    if (!answer.ok)
      throw new ConclaveError(
        'auth_failed',
        'the server does not know this account by these keys, or something stands in between',
      );
    return this.#accept('login', await connection.request('answer', { mac: answer.mac }));
  }

  async #accept(
    by: OpenedSession['by'],
    { user, token, until }: ReplyBody<'answer'>,
  ): Promise<OpenedSession> {
    const known = await getRecord(this.#state, 'session', 'me', meRecord);
    if (known !== undefined && known.user !== user)
      throw new ConclaveError('trust', 'the server says that this account has another id than before');
    if (known === undefined) await putRecord(this.#state, 'session', 'me', meRecord, { user });
    await putRecord(this.#state, 'session', 'token', tokenRecord, { token, until });
    return { user, by };
  }
}
