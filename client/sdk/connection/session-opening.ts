import type { Fingerprint } from '../../../src/protocol/ids.ts';
import type { ConnectionBinding } from '../../../src/protocol/layouts/session-proofs.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import type { RegisterOptions } from '../api.ts';
import type { ConclaveError } from '../errors.ts';
import type { OwnKeys } from '../people/own-keys.ts';
import type { Connection } from './connection.ts';
import { endedElsewhere, type Login, type OpenedSession } from './login.ts';

/** Opens the sessions of one client, one after the other, and remembers what that takes. */
export class SessionOpening {
  readonly #origin: Origin;
  readonly #login: Login;
  readonly #keys: OwnKeys;
  /** Fingerprint of the keys that the last session was opened with; once it was revoked, of those that open no more. */
  #openedWith: Fingerprint | undefined;
  #endedUnder: Fingerprint | undefined;
  /** The account is to be made first. */
  registering: RegisterOptions | undefined;

  constructor(origin: Origin, login: Login, keys: OwnKeys) {
    this.#origin = origin;
    this.#login = login;
    this.#keys = keys;
  }

  async open(connection: Connection): Promise<OpenedSession> {
    const binding = this.binding(connection);
    const opened = await (this.registering !== undefined
      ? this.#login.register(connection, binding, this.registering.invite)
      : this.#login.open(connection, binding, this.#endedUnder));
    this.registering = undefined;
    this.#openedWith = opened.fingerprint;
    this.#endedUnder = undefined;
    return opened;
  }

  /** After a rotation there are other keys, in use or waiting: perhaps another process of this profile asked for it. */
  async revoked(): Promise<ConclaveError | undefined> {
    await this.#keys.reload();
    this.#endedUnder = this.#openedWith;
    const { current, pending } = this.#keys;
    const hasOthers = current.ready.fingerprint !== this.#openedWith || pending !== undefined;
    return hasOthers ? undefined : endedElsewhere();
  }

  /** The origin is the one that was dialled, never one that a server told. */
  binding({ clientNonce, serverNonce }: Connection): ConnectionBinding {
    return { origin: this.#origin, clientNonce, serverNonce };
  }
}
