import { type Target, TcpRelay } from '../tcp-relay.ts';

/** How long a node may take to say that it is ready. */
const HEALTH_MS_MAX = 500;

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
      for (let tries = 0; tries < targets.length; tries += 1) {
        const candidate = targets[next % targets.length];
        next += 1;
        if (candidate !== undefined && (await isReady(candidate)))
          return { host: candidate.hostname, port: Number(candidate.port) };
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

async function isReady({ host }: URL): Promise<boolean> {
  try {
    const answer = await fetch(`http://${host}/readyz`, { signal: AbortSignal.timeout(HEALTH_MS_MAX) });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}
