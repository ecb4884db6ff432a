import type { ConclaveClient } from '../sdk/api.ts';
import { ConnectionLost } from '../sdk/connection/connection-lost.ts';
import { ConclaveError, errorWith, timedOut } from '../sdk/errors.ts';
import { texts } from '../texts/texts.ts';
import { CommandFailure, failureOf } from './exit-codes.ts';

/** One-shot commands end after this when --timeout says nothing else. */
export const ONE_SHOT_TIMEOUT_MS = 30_000;

/** The time that a command has as a whole. Without a limit it never expires. */
export class Deadline {
  #endsAtMs: number | undefined;
  readonly #expired: Promise<never>;
  readonly #end = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #connected = false;
  #connection: string | undefined;
  #fault: Error | undefined;
  #refusal: ConclaveError | undefined;
  #client: Pick<ConclaveClient, 'heldUp' | 'status'> | undefined;
  #expire: () => void = () => undefined;

  constructor(timeoutMs: number | undefined) {
    this.#expired = new Promise((_, reject) => {
      this.#expire = () => {
        reject(this.#failure());
        this.#end.abort();
      };
    });
    this.#arm(timeoutMs);
    // Whoever races against it hears of it; without a race it must not end the process.
    this.#expired.catch(() => undefined);
  }

  /** Aborted when the time is up. */
  get expired(): AbortSignal {
    return this.#end.signal;
  }

  /** From now on running out of time is `timeout`, not `no_connection`. `connection` is its id. */
  noteConnected(connection?: string): void {
    this.#connected = true;
    this.#connection = connection;
  }

  /** What the server said last; there may be no client. */
  noteRefusal(refusal: ConclaveError): void {
    this.#refusal = refusal;
  }

  /** Whose server is waited for. */
  noteClient(client: Pick<ConclaveClient, 'heldUp' | 'status'>): void {
    this.#client = client;
  }

  /** Why there is no connection; the person who watches was told. */
  noteFault(fault: Error): void {
    this.#fault = fault;
  }

  #remainingMs(): number | undefined {
    return this.#endsAtMs === undefined
      ? undefined
      : Math.max(1, Math.ceil(this.#endsAtMs - performance.now()));
  }

  async race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#expired]);
  }

  /** A person is being asked: that takes as long as it takes, and no time of the command. */
  async pausedFor<T>(question: Promise<T>): Promise<T> {
    const remainingMs = this.#remainingMs();
    this.clear();
    try {
      return await question;
    } finally {
      this.#arm(remainingMs);
    }
  }

  #arm(timeoutMs: number | undefined): void {
    if (timeoutMs === undefined) return;
    this.#endsAtMs = performance.now() + timeoutMs;
    this.#timer = setTimeout(() => this.#expire(), timeoutMs);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }

  #failure(): CommandFailure {
    const fault = this.#fault;
    if (this.#connected) {
      const isOnline = this.#client === undefined || this.#client.status.state === 'online';
      return failureOf(timedOut(isOnline ? this.#client?.heldUp : fault, this.#connection));
    }
    if (this.#refusal !== undefined) return failureOf(timedOut(this.#refusal));
    if (fault === undefined) return failureOf(errorWith('no_connection', texts.local.no_server));
    const connection = fault instanceof ConnectionLost ? fault.connection : undefined;
    const { code, message, exitCode, cause } = failureOf(
      new ConclaveError('no_connection', fault.message, { cause: fault, connection }),
    );
    const instead = texts.local.still_no_connection;
    return new CommandFailure(code, message, exitCode, cause, { connection, instead });
  }
}
