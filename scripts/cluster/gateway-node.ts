import { join } from 'node:path';
import { type GatewayProcess, startGateway } from '../../test/support/cluster/gateway-process.ts';
import { GatewayLog } from './gateway-log.ts';

export type NodePhase = 'ready' | 'draining' | 'drained' | 'killed' | 'ended';

/** One that is paused must not keep the others' lines back. */
const ANSWER_MS_MAX = 2_000;

export interface NodeReport {
  readonly state: NodePhase | 'not ready' | 'no answer';
  /** For people. */
  readonly detail: string;
}

/** One gateway of the local cluster, by the number that commands use. Numbers are not used again. */
export class GatewayNode {
  readonly number: number;
  /** Its loopback address: all gateways share one port, as the pods or containers of a deployment do. */
  readonly address: string;
  readonly process: GatewayProcess;
  readonly log: GatewayLog;
  #phase: NodePhase = 'ready';

  private constructor(number: number, process: GatewayProcess, log: GatewayLog, changed: () => void) {
    this.number = number;
    this.address = addressOf(number);
    this.process = process;
    this.log = log;
    void process.exitCode.then((code) => {
      if (this.#phase === 'ready') this.#phase = 'ended';
      if (this.#phase === 'draining') this.#phase = code === 0 ? 'drained' : 'ended';
      changed();
    });
  }

  /** Resolves when it is ready. Its log goes into `logDir`. `changed` is called when the process has ended. */
  static async start(
    number: number,
    env: Readonly<Record<string, string>>,
    logDir: string,
    changed: () => void,
  ): Promise<GatewayNode> {
    const [address, name] = [addressOf(number), nameOf(number)];
    const log = new GatewayLog(join(logDir, `${name}.log`));
    const process = await startGateway(
      { ...env, HOST: address, ADMIN_HOST: address, NODE_ID: name },
      { onLine: (line) => log.write(line) },
    );
    return new GatewayNode(number, process, log, changed);
  }

  get name(): string {
    return nameOf(this.number);
  }

  get phase(): NodePhase {
    return this.#phase;
  }

  get isRunning(): boolean {
    return this.#phase === 'ready' || this.#phase === 'draining';
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

  /** How it is, by its own word where it runs and answers. */
  async report(): Promise<NodeReport> {
    if (!this.isRunning) return { state: this.#phase, detail: '' };
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    const page = await fetch(`${this.process.adminUrl}/metrics`, { signal })
      .then((answer) => answer.text())
      .catch(() => undefined);
    if (page === undefined) return { state: 'no answer', detail: '' };
    const value = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(page)?.[1]);
    const isDraining = this.#phase === 'draining' || value('conclave_draining') === 1;
    const connections = value('conclave_connections');
    return {
      state: isDraining ? 'draining' : value('conclave_ready') === 1 ? 'ready' : 'not ready',
      detail: `${connections} connection${connections === 1 ? '' : 's'}, admin port ${new URL(this.process.adminUrl).port}`,
    };
  }
}

function nameOf(number: number): string {
  return `gateway-${number}`;
}

/** 127.0.0.1 is the balancer's. */
function addressOf(number: number): string {
  const host = number + 1;
  return `127.0.${host >> 8}.${host & 255}`;
}
