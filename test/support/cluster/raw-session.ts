import { signAct } from '../../../client/crypto/connection-proofs.ts';
import { systemClock } from '../../../client/sdk/connection/clock.ts';
import { Connection } from '../../../client/sdk/connection/connection.ts';
import { Login, type OpenedSession } from '../../../client/sdk/connection/login.ts';
import { ConclaveError } from '../../../client/sdk/errors.ts';
import { type AccountKeys, memoryStorage } from '../../../client/sdk/index.ts';
import type { OwnAccount } from '../../../client/sdk/people/own-account.ts';
import { OwnKeys } from '../../../client/sdk/people/own-keys.ts';
import type { StateStore } from '../../../client/sdk/storage/state-store.ts';
import type { ServerEvent } from '../../../src/protocol/client-codec.ts';
import type { ErrorName } from '../../../src/protocol/codes.ts';
import type { EventName } from '../../../src/protocol/events.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { parseOrigin } from '../../../src/protocol/origin.ts';
import type { ReplyBody, RequestBody, RequestName } from '../../../src/protocol/requests.ts';
import { WireTap } from './wire-tap.ts';

export interface Refused {
  readonly code: ErrorName | ConclaveError['code'];
  /** From the request to its refusal, as the client sees it. */
  readonly ms: number;
  readonly error: ConclaveError;
}

interface RawOptions {
  readonly url: string;
  readonly account: AccountKeys;
  readonly register?: boolean;
  /** With a token in it the session is resumed. */
  readonly state?: StateStore;
  /** Default: one that keeps events. */
  readonly wire?: WireTap;
}

/**
 * One session on the bare protocol: no retries, no reconnects, no catching up; what the server answers is what a test
 * sees.
 */
export class RawSession implements AsyncDisposable {
  readonly user: UserId;
  /** By a token, or by the keys. */
  readonly openedBy: OpenedSession['by'];
  readonly own: OwnAccount;
  readonly wire: WireTap;
  readonly #connection: Connection;

  private constructor(own: OwnAccount, opened: OpenedSession, wire: WireTap, connection: Connection) {
    this.own = own;
    this.user = opened.user;
    this.openedBy = opened.by;
    this.wire = wire;
    this.#connection = connection;
  }

  /** Rejects with the server's refusal, or with ConnectionLost. */
  static async open({
    url,
    account,
    register = false,
    state,
    wire = new WireTap(),
  }: RawOptions): Promise<RawSession> {
    const origin = parseOrigin(url);
    if (origin === undefined) throw new TypeError(`${url} is no origin`);
    const memory = memoryStorage(account);
    const storage = { ...memory, state: state ?? memory.state };
    const own = await OwnKeys.open(storage);
    const login = new Login(own, storage.state, systemClock);
    if (register) login.registerFirst({});
    const connection = await Connection.open({
      origin,
      webSocket: wire.webSocket,
      clock: systemClock,
      program: 'conclave-test',
      onEvent: () => undefined,
      abort: new AbortController().signal,
    });
    try {
      return new RawSession(own, await login.open(connection), wire, connection);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  request<Name extends RequestName>(name: Name, body: RequestBody<Name>): Promise<ReplyBody<Name>> {
    return this.#connection.request(name, body);
  }

  /** For a request that must be refused. */
  async refusal<Name extends RequestName>(name: Name, body: RequestBody<Name>): Promise<Refused> {
    const startedAtMs = performance.now();
    try {
      const reply = await this.request(name, body);
      throw new Error(`${name} was not refused: ${JSON.stringify(reply)}`);
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      return { code: error.code, ms: performance.now() - startedAtMs, error };
    }
  }

  async logout(everywhere: boolean): Promise<void> {
    const act = everywhere ? 'logout-everywhere' : 'logout';
    const signature = await signAct(this.own.current.ready, act, this.#connection.binding);
    await this.request('logout', everywhere ? { everywhere, signature } : { signature });
  }

  /** Oldest first. */
  events<Name extends EventName>(name: Name): readonly EventOf<Name>[] {
    return this.wire.events.filter((event): event is EventOf<Name> => event.name === name);
  }

  /** Undefined while the connection lives. */
  get closeCode(): number | undefined {
    return this.#connection.lost?.closeCode;
  }

  /** The network is gone: no close frame. */
  cut(): void {
    this.wire.cut();
  }

  /** Code 1000. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }
}

type EventOf<Name extends EventName> = Extract<ServerEvent, { readonly name: Name }>;
