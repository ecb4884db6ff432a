import type { FeatureName } from '../../../src/protocol/features.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import type { ReplyBody, RequestBody, RequestName } from '../../../src/protocol/requests.ts';
import { connectionText } from '../../texts/connection-fault.ts';
import { ConclaveError, hasCode, localError, timedOut } from '../errors.ts';
import type { EventQueue } from '../event-queue.ts';
import { Backoff } from './backoff.ts';
import type { Clock } from './clock.ts';
import { Connection } from './connection.ts';
import { ConnectionLost, finalErrorOf } from './connection-lost.ts';
import type { LinkEvent } from './link-event.ts';
import { type ConnectionStatus, LinkStatus } from './link-status.ts';
import type { Login } from './login.ts';
import { Sleepers } from './sleepers.ts';
import { type Wait, Waits } from './waits.ts';
import type { WebSocketConstructor } from './web-socket.ts';

/** Least and most of the pause before the same request goes out again; the server's `retryAfterMs` comes on top. */
const [AGAIN_MS_MIN, AGAIN_MS_MAX] = [100, 600];

/** How something is asked. */
export interface Asking {
  readonly timeoutMs: number | undefined;
  /** The outcome of an earlier try is unknown. */
  readonly onRepeat?: () => void;
  /** Nobody waits for it. */
  readonly unseen?: boolean;
}

export interface LinkOptions {
  readonly origin: Origin;
  readonly webSocket: WebSocketConstructor;
  readonly clock: Clock;
  readonly program: string;
  readonly login: Login;
}

/** How a connection, or the attempt at one, ended; `adviceMs` is the least pause that the server asked for. */
interface Ended {
  readonly why: ConnectionLost | ConclaveError;
  readonly adviceMs: number;
}

/** Keeps one authenticated connection to the server, one attempt at a time, until it is closed or refused for good. */
export class Link {
  readonly #options: LinkOptions;
  readonly #backoff: Backoff;
  readonly #status = new LinkStatus();
  #connection: Connection | undefined;
  #online = false;
  #lastEnd: Ended['why'] | undefined;
  #wasOnline = false;
  #closed: ConclaveError | undefined;
  #running: Promise<void> | undefined;
  #listener: (event: LinkEvent) => Promise<void> | void = () => undefined;
  /** Skips the pause before the next attempt, or ends it. */
  #hurried = false;
  readonly #abort = new AbortController();
  /** Wakes at every change of state, so that callers look again. */
  readonly #sleepers: Sleepers;
  /** What the server has not answered yet. */
  readonly waits: Waits;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.waits = new Waits({
      clock: options.clock,
      isOnline: () => this.#online,
      tell: (error) => void this.#listener({ type: 'held-up', error }),
    });
    this.#backoff = new Backoff(options.clock);
    this.#sleepers = new Sleepers(options.clock);
  }

  /** To be called before `start`. */
  listen(listener: (event: LinkEvent) => Promise<void> | void): void {
    this.#listener = listener;
  }

  get status(): ConnectionStatus {
    return this.#status.now;
  }

  statuses(): EventQueue<ConnectionStatus> {
    return this.#status.follow();
  }

  /** The reply to the last greeting. */
  get greeting(): ReplyBody<'hello'> | undefined {
    return this.#connection?.greeting;
  }

  /** Whether the gateway of the present connection named the feature. */
  has(feature: FeatureName): boolean {
    return this.#connection?.has(feature) === true;
  }

  /** Resolves once online. Rejects with what a retry cannot help, or with `no_connection` after `timeoutMs`. */
  async start(timeoutMs: number | undefined): Promise<void> {
    this.#running ??= this.#run();
    await this.#whenOnline(this.#deadline(timeoutMs));
  }

  /** Ends the pause before the next attempt. */
  retryNow(): void {
    if (this.#status.now.state !== 'waiting') return;
    this.#hurried = true;
    this.#sleepers.wakeAll();
  }

  /**
   * Asks, over reconnects and while the server says `rate_limited` or `unavailable`, until there is an answer: so only
   * for what may be asked twice.
   */
  async request<Name extends RequestName>(
    name: Name,
    body: RequestBody<Name>,
    { timeoutMs, onRepeat, unseen = false }: Asking,
  ): Promise<ReplyBody<Name>> {
    const deadline = this.#deadline(timeoutMs);
    const ask = async (wait?: Wait): Promise<ReplyBody<Name>> => {
      for (;;) {
        const connection = await this.#whenOnline(deadline);
        try {
          wait?.asked();
          return await this.#within(deadline, connection.request(name, body));
        } catch (error) {
          if (!isLost(error) && !isForLater(error)) throw error;
          if (isLost(error) || error.code === 'unavailable') onRepeat?.();
          if (isLost(error)) wait?.lost();
          else {
            wait?.refused(error);
            await this.pause(error.retryAfterMs ?? 0, deadline);
          }
        }
      }
    };
    return unseen ? ask() : this.waits.during(ask);
  }

  /** Asks once on the present connection: for what holds only on that one, such as a signature over its nonces. */
  async once<T>(timeoutMs: number | undefined, ask: (connection: Connection) => Promise<T>): Promise<T> {
    const deadline = this.#deadline(timeoutMs);
    return this.waits.during(async (wait) => {
      const connection = await this.#whenOnline(deadline);
      wait.asked();
      return this.#within(deadline, ask(connection));
    });
  }

  /** The result of other work, or a rejection when it takes longer. */
  limited<T>(timeoutMs: number | undefined, work: Promise<T>): Promise<T> {
    return this.#within(this.#deadline(timeoutMs), work);
  }

  /** Waits `adviceMs` and a little by chance; rejects when closed or when the deadline lies before. */
  async pause(adviceMs: number, deadline = Number.POSITIVE_INFINITY): Promise<void> {
    const { clock } = this.#options;
    const untilMs = clock.now() + adviceMs + AGAIN_MS_MIN + clock.random() * (AGAIN_MS_MAX - AGAIN_MS_MIN);
    while (clock.now() < untilMs) {
      if (this.#closed !== undefined) throw this.#closed;
      if (clock.now() >= deadline) throw this.#late();
      await this.#sleepers.sleep(Math.min(untilMs, deadline) - clock.now());
    }
  }

  /** Ends the session of a connection; the next one is opened without a pause, and without telling of an outage. */
  async renew(connection: Connection): Promise<void> {
    this.#hurried = true;
    await connection.close();
  }

  /** Ends for good, telling the server with code 1000. */
  async close(error?: ConclaveError): Promise<void> {
    if (this.#closed === undefined) {
      this.#closed = error ?? localError('closed', 'client_closed');
      this.#status.set(error === undefined ? { state: 'closed' } : { state: 'closed', error });
      this.#sleepers.wakeAll();
      this.waits.close();
      this.#abort.abort();
    }
    await this.#connection?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#closed === undefined) {
      this.#hurried = false;
      this.#status.set({ state: 'connecting' });
      const { why, adviceMs } = await this.#live();
      this.#lastEnd = why;
      if (this.#closed !== undefined) break;
      if (this.#hurried) continue;
      const retryInMs = Math.round(this.#backoff.nextMs(adviceMs));
      this.#status.set({ state: 'waiting', retryInMs, reason: why.message, error: why });
      const until = this.#options.clock.now() + retryInMs;
      while (this.#closed === undefined && !this.#hurried && this.#options.clock.now() < until)
        await this.#sleepers.sleep(until - this.#options.clock.now());
    }
  }

  /** One connection from dialling to its end. Closes the link when nothing can help. */
  async #live(): Promise<Ended> {
    const { clock, login } = this.#options;
    try {
      const connection = await Connection.open({
        ...this.#options,
        abort: this.#abort.signal,
        onEvent: (event) => void this.#listener({ type: 'told', event }),
      });
      this.#connection = connection;
      if (this.#closed !== undefined) await connection.close();
      const { by } = await login.open(connection);
      await this.#listener({ type: 'opened', by, connection });
      const openedAt = clock.now();
      const lost = await this.#serve(connection);
      // There are other keys to come back with, each of them once: see Login.revoked.
      this.#hurried ||= lost.closeName === 'revoked';
      this.#backoff.endedAfter(clock.now() - openedAt);
      throw lost;
    } catch (error) {
      await this.#connection?.close();
      this.#connection = undefined;
      return this.#judge(error);
    }
  }

  /** Online until the connection ends. */
  async #serve(connection: Connection): Promise<ConnectionLost> {
    if (connection.lost !== undefined) return connection.lost;
    this.#online = true;
    this.#wasOnline = true;
    this.#status.set({ state: 'online', connection: connection.greeting.connection });
    this.#sleepers.wakeAll();
    const lost = await connection.ended;
    this.#online = false;
    return lost;
  }

  async #judge(error: unknown): Promise<Ended> {
    if (this.#closed !== undefined) return { why: this.#closed, adviceMs: 0 };
    if (error instanceof ConnectionLost) {
      const final = await finalErrorOf(error, this.#options.login);
      if (final !== undefined && this.#closed === undefined) this.#fail(final);
      return { why: error, adviceMs: 0 };
    }
    // Refusals of a login that may be over at the next attempt.
    if (isForLater(error) || hasCode(error, 'too_many_sessions', 'conflict'))
      return { why: error, adviceMs: error.retryAfterMs ?? 0 };
    const why =
      error instanceof ConclaveError ? error : localError('no_connection', 'connection_unusable', {}, error);
    this.#fail(why);
    return { why, adviceMs: 0 };
  }

  #fail(error: ConclaveError): void {
    this.#closed = error;
    this.#status.set({ state: 'closed', error });
    this.#sleepers.wakeAll();
    this.waits.close();
    void this.#listener({ type: 'failed', error });
  }

  #deadline(timeoutMs: number | undefined): number {
    return timeoutMs === undefined ? Number.POSITIVE_INFINITY : this.#options.clock.now() + timeoutMs;
  }

  async #whenOnline(deadline: number): Promise<Connection> {
    for (;;) {
      if (this.#closed !== undefined) throw this.#closed;
      if (this.#running === undefined) throw new ConclaveError('usage', 'call connect first');
      if (this.#online && this.#connection !== undefined) return this.#connection;
      const leftMs = deadline - this.#options.clock.now();
      if (leftMs <= 0) throw this.#late();
      await this.#sleepers.sleep(leftMs);
    }
  }

  #late(): ConclaveError {
    if (this.#wasOnline) return timedOut(this.waits.why);
    const why = this.#lastEnd;
    if (why === undefined)
      return new ConclaveError('no_connection', connectionText('no_answer', this.#options.origin));
    return new ConclaveError('no_connection', why.message, { cause: why, connection: why.connection });
  }

  async #within<T>(deadline: number, work: Promise<T>): Promise<T> {
    if (deadline === Number.POSITIVE_INFINITY) return work;
    const { clock } = this.#options;
    return new Promise<T>((resolve, reject) => {
      const cancel = clock.schedule(Math.max(deadline - clock.now(), 0), () => reject(this.#late()));
      work.then(resolve, reject).finally(cancel);
    });
  }
}

const isLost = (error: unknown): error is ConnectionLost => error instanceof ConnectionLost;

/** The same may be answered later. */
const isForLater = (error: unknown): error is ConclaveError => hasCode(error, 'rate_limited', 'unavailable');
