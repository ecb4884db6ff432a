import type { PendingLogin } from '../core/api.ts';
import type { Caller, Greeting } from '../core/caller.ts';
import type { CloseName } from '../protocol/codes.ts';
import type { UserId } from '../protocol/ids.ts';
import { NONCE_BYTES } from '../protocol/limits.ts';
import type { Origin } from '../protocol/origin.ts';
import type { RequestName, Requests } from '../protocol/requests.ts';
import type { LocalRoom, RoomSession } from './local-room.ts';
import type { Outbox } from './outbox.ts';

interface Connection {
  readonly outbox: Outbox;
  drain(name: CloseName): void;
}

/** Remembered per session; an own change that its notice does not name before that many others is told like a stranger's. */
const OWN_ACTS_MAX = 16;

/** A session while it is logged in: what the registry and the rooms hold on to. */
export class OpenSession implements RoomSession {
  readonly kind = 'open';
  readonly caller: Caller;
  /** Entered rooms; at most MAX_ROOMS_PER_CONNECTION. Replaced by another array of just the length: push() keeps room for 17. */
  rooms: readonly LocalRoom[] = [];
  readonly #origin: Origin;
  /** Of the client, then of the server, a character for each byte: as arrays they take five times as much. */
  readonly #nonces: string;
  readonly #connection: Connection;
  #acts: string[] | undefined;

  constructor(connection: Connection, greeting: Greeting, caller: Caller) {
    this.#connection = connection;
    this.#origin = greeting.origin;
    this.#nonces = Buffer.concat([greeting.clientNonce, greeting.serverNonce]).toString('latin1');
    this.caller = caller;
  }

  get greeting(): Greeting {
    const nonces = new Uint8Array(Buffer.from(this.#nonces, 'latin1'));
    return {
      origin: this.#origin,
      clientNonce: nonces.subarray(0, NONCE_BYTES),
      serverNonce: nonces.subarray(NONCE_BYTES),
    };
  }

  get user(): UserId {
    return this.caller.user;
  }

  get outbox(): Outbox {
    return this.#connection.outbox;
  }

  /** The session itself is about to change one of its user's rooms: `own-room` tells the others. See ownAct. */
  acting(act: string): void {
    this.#acts = [...(this.#acts ?? []), act].slice(-OWN_ACTS_MAX);
  }

  /** True once for each time that acting() was told of this. */
  takeAct(act: string): boolean {
    const at = this.#acts?.indexOf(act) ?? -1;
    if (at < 0) return false;
    this.#acts?.splice(at, 1);
    if (this.#acts?.length === 0) this.#acts = undefined;
    return true;
  }

  /** Answers the requests under way, then closes. */
  drain(name: CloseName): void {
    this.#connection.drain(name);
  }
}

/**
 * greeting → greeted ⇄ challenged → open → closed. From any of them to draining, which answers the requests under way
 * and takes no others, and to closed.
 */
export type SessionState =
  | { readonly kind: 'greeting' }
  | { readonly kind: 'greeted'; readonly greeting: Greeting }
  | { readonly kind: 'challenged'; readonly greeting: Greeting; readonly pending: PendingLogin }
  | OpenSession
  | { readonly kind: 'draining'; readonly was: OpenSession | undefined; readonly close: CloseName }
  | { readonly kind: 'closed' };

/** The states in which a request is taken. */
export type StateFor<Name extends RequestName> = Extract<
  SessionState,
  { readonly kind: Requests[Name]['states'][number] }
>;
