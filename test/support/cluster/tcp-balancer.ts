import { type Target, TcpRelay } from '../tcp-relay.ts';

/** How long a node may take to say that it is ready; the next one is asked then. */
const HEALTH_MS_MAX = 500;
/** How often all nodes are asked while one of them is late: on a busy machine they all may be. */
const ROUNDS_MAX = 40;

/**
 * A load balancer as small as can be: each new connection goes to the next node that answers 200 on /readyz, as behind
 * HAProxy. With none, the connection is refused.
 */
export class TcpBalancer implements AsyncDisposable {
  readonly #targets: URL[];
  readonly #relay: TcpRelay;

  private constructor(targets: URL[], relay: TcpRelay) {
    this.#targets = targets;
    this.#relay = relay;
  }

  /** `urls`: of gateways, such as ws://127.0.0.1:8080. */
  static async start(urls: readonly string[] = []): Promise<TcpBalancer> {
    const targets = urls.map((url) => new URL(url));
    let next = 0;
    const target = async (): Promise<Target | undefined> => {
      for (let round = 0, isLate = true; isLate && round < ROUNDS_MAX; round += 1) {
        isLate = false;
        for (let tries = 0; tries < targets.length; tries += 1) {
          const candidate = targets[next % targets.length];
          next += 1;
          if (candidate === undefined) continue;
          const health = await healthOf(candidate);
          if (health === 'ready') return { host: candidate.hostname, port: Number(candidate.port) };
          isLate ||= health === 'late';
        }
      }
      return undefined;
    };
    return new TcpBalancer(targets, await TcpRelay.start({ target }));
  }

  /** What clients dial. */
  get url(): string {
    return `ws://${this.#relay.address}`;
  }

  add(url: string): void {
    this.#targets.push(new URL(url));
  }

  /** Breaks every connection on both sides. */
  cutAll(): void {
    this.#relay.cutAll();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#relay[Symbol.asyncDispose]();
  }
}

async function healthOf({ host }: URL): Promise<'ready' | 'unready' | 'late'> {
  try {
    const answer = await fetch(`http://${host}/readyz`, { signal: AbortSignal.timeout(HEALTH_MS_MAX) });
    await answer.arrayBuffer();
    return answer.status === 200 ? 'ready' : 'unready';
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError' ? 'late' : 'unready';
  }
}
