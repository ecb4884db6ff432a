import type { ConclaveClient } from '../sdk/api.ts';
import type { ConnectionStatus } from '../sdk/connection/link-status.ts';
import { chatTexts } from '../texts/chat-texts.ts';
import type { ConnectionModel } from './model/model.ts';
import { withoutNotices, withoutOldNotices } from './model/notice.ts';
import type { Store } from './store.ts';

/** The round trip is measured so often while connected. */
const PING_MS = 30_000;
/** The clock of what is shown: countdowns, and the day. */
const TICK_MS = 1_000;

/** Keeps what is shown of the connection. */
export class ConnectionWatch {
  readonly #client: ConclaveClient;
  readonly #store: Store;
  readonly #timers: ReadonlyArray<ReturnType<typeof setInterval>>;

  constructor(client: ConclaveClient, store: Store) {
    this.#client = client;
    this.#store = store;
    this.#timers = [setInterval(() => this.#tick(), TICK_MS), setInterval(() => this.#measure(), PING_MS)];
  }

  /** Ends with the client. */
  async run(): Promise<void> {
    for await (const status of this.#client.statuses()) {
      const connection = shownConnection(status, Date.now());
      this.#store.change((model) => ({ ...model, connection, now: Date.now() }));
      if (status.state !== 'online') continue;
      this.#store.change((model) => withoutNotices(model, ['while-offline']));
      this.#measure();
    }
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #tick(): void {
    this.#store.change((model) =>
      model.connection.state === 'waiting' ||
      minute(model.now) !== minute(Date.now()) ||
      model.notices.some(({ stays }) => typeof stays === 'number')
        ? withoutOldNotices({ ...model, now: Date.now() })
        : model,
    );
  }

  #measure(): void {
    if (this.#client.status.state !== 'online') return;
    this.#client.ping().then(
      (roundTripMs) =>
        this.#store.change((model) =>
          model.connection.state === 'online'
            ? { ...model, connection: { state: 'online', roundTripMs } }
            : model,
        ),
      // The connection went away meanwhile, which its state says.
      () => undefined,
    );
  }
}

const minute = (ms: number): number => Math.floor(ms / 60_000);

/** Why an attempt to connect failed, once one has; undefined when the client ends before. */
export async function firstFailure(client: Pick<ConclaveClient, 'statuses'>): Promise<string | undefined> {
  for await (const status of client.statuses()) if (status.state === 'waiting') return status.reason;
  return undefined;
}

/** As long as there is no connection yet. Ends with the client. */
export function sayWhyNotYet(client: ConclaveClient, say: (why: string) => void): void {
  const follow = async (): Promise<void> => {
    for await (const status of client.statuses())
      if (status.state === 'online') return;
      else if (status.state === 'waiting') say(chatTexts.start.not_yet(client.origin, status.reason));
  };
  // The queue only ends, it never rejects.
  void follow();
}

export function shownConnection(status: ConnectionStatus, now: number): ConnectionModel {
  switch (status.state) {
    case 'idle':
    case 'connecting':
      return { state: 'connecting' };
    case 'online':
      return { state: 'online', roundTripMs: undefined };
    case 'waiting':
      return {
        state: 'waiting',
        until: now + status.retryInMs,
        reason: status.reason,
      };
    case 'closed':
      return { state: 'closed', reason: status.error?.message ?? chatTexts.client.closed_by_you };
    default:
      return status satisfies never;
  }
}
