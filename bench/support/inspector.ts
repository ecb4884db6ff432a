import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { isFields } from '../../loadtest/native/parent-and-child.ts';

/** Where Node opens its inspector on SIGUSR1. */
const INSPECTOR_LIST = 'http://127.0.0.1:9229/json/list';
const ATTACH_DEADLINE_MS = 5_000;

/** Node's own inspector in another process: profiles it, and makes it collect its garbage. One at a time. */
export class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const message: unknown = JSON.parse(data.toString());
      if (!isFields(message) || typeof message['id'] !== 'number') return;
      this.#waiting.get(message['id'])?.(message['result']);
      this.#waiting.delete(message['id']);
    });
  }

  static async attach(pid: number): Promise<Inspector> {
    process.kill(pid, 'SIGUSR1');
    const url = await debuggerUrl();
    const socket = new WebSocket(url, { maxPayload: 1_024 * 1_024 * 1_024 });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const inspector = new Inspector(socket);
    await inspector.#assertIs(pid);
    return inspector;
  }

  /** The port is one for the whole machine: another process may have been faster. */
  async #assertIs(pid: number): Promise<void> {
    const answer = await this.#call('Runtime.evaluate', { expression: 'process.pid' });
    const result = isFields(answer) && isFields(answer['result']) ? answer['result']['value'] : undefined;
    if (result === pid) return;
    this.close();
    throw new Error(`the inspector on ${INSPECTOR_LIST} is that of process ${String(result)}, not of ${pid}`);
  }

  collectGarbage(): Promise<unknown> {
    return this.#call('HeapProfiler.collectGarbage');
  }

  async startProfile(): Promise<void> {
    await this.#call('Profiler.enable');
    await this.#call('Profiler.setSamplingInterval', { interval: 200 });
    await this.#call('Profiler.start');
  }

  /** For the profiler of a browser's developer tools. */
  async saveProfile(file: string): Promise<void> {
    const result = await this.#call('Profiler.stop');
    if (isFields(result)) writeFileSync(file, JSON.stringify(result['profile']));
  }

  close(): void {
    this.#socket.terminate();
  }

  #call(method: string, params: object = {}): Promise<unknown> {
    this.#calls += 1;
    const id = this.#calls;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

async function debuggerUrl(): Promise<string> {
  const deadline = Date.now() + ATTACH_DEADLINE_MS;
  for (;;) {
    try {
      const targets: unknown = await (await fetch(INSPECTOR_LIST)).json();
      const [target] = Array.isArray(targets) ? (targets as readonly unknown[]) : [];
      if (isFields(target) && typeof target['webSocketDebuggerUrl'] === 'string') {
        return target['webSocketDebuggerUrl'];
      }
    } catch (error) {
      if (Date.now() > deadline) throw new Error('the inspector does not answer', { cause: error });
    }
    await pause(50);
  }
}
