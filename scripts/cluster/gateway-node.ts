import { type GatewayProcess, startGateway } from '../../test/support/cluster/gateway-process.ts';

export type NodePhase = 'ready' | 'draining' | 'drained' | 'killed' | 'ended';

/** One gateway of the local cluster, by the number that commands use. Numbers are not used again. */
export class GatewayNode {
  readonly number: number;
  /** Its loopback address: all gateways share one port, as the pods or containers of a deployment do. */
  readonly address: string;
  readonly process: GatewayProcess;
  #phase: NodePhase = 'ready';

  private constructor(number: number, address: string, process: GatewayProcess, changed: () => void) {
    this.number = number;
    this.address = address;
    this.process = process;
    void process.exitCode.then((code) => {
      if (this.#phase === 'ready') this.#phase = 'ended';
      if (this.#phase === 'draining') this.#phase = code === 0 ? 'drained' : 'ended';
      changed();
    });
  }

  /** Resolves when it is ready. `changed` is called when the process has ended. */
  static async start(
    number: number,
    env: Readonly<Record<string, string>>,
    changed: () => void,
  ): Promise<GatewayNode> {
    const address = addressOf(number);
    const process = await startGateway({
      ...env,
      HOST: address,
      ADMIN_HOST: address,
      NODE_ID: `gateway-${number}`,
    });
    return new GatewayNode(number, address, process, changed);
  }

  get name(): string {
    return `gateway-${this.number}`;
  }

  get phase(): NodePhase {
    return this.#phase;
  }

  get isRunning(): boolean {
    return this.#phase === 'ready' || this.#phase === 'draining';
  }

  /** What it logged last, for an unexpected end. */
  get lastWords(): string {
    return this.process.logs.at(-1) ?? '';
  }

  /** Gives the exit code. */
  drain(): Promise<number> {
    this.#phase = 'draining';
    return this.process.drain();
  }

  kill(): Promise<void> {
    this.#phase = 'killed';
    return this.process.kill();
  }

  /** Its clients are told, and it ends within two seconds. */
  async interrupt(): Promise<void> {
    if (!this.isRunning) return;
    this.#phase = 'draining';
    await this.process.interrupt();
  }

  /** Undefined when it does not say. */
  async connections(): Promise<number | undefined> {
    if (!this.isRunning) return undefined;
    try {
      const found = /^conclave_connections(?:\{[^}]*\})? (\d+)/m.exec(await this.process.metrics());
      return found?.[1] === undefined ? undefined : Number(found[1]);
    } catch {
      return undefined;
    }
  }
}

/** 127.0.0.1 is the balancer's. */
function addressOf(number: number): string {
  const host = number + 1;
  return `127.0.${host >> 8}.${host & 255}`;
}
