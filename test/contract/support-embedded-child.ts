import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endsWithUs } from '../support/programs/at-end.ts';
import { bundledProgram } from '../support/programs/bundled-program.ts';

const script = bundledProgram(new URL('support-embedded-writer.ts', import.meta.url));

/** A process of its own that opens the store of `dataDir` and appends without end, a line for each acknowledged position. */
export class StoreWriter implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly acknowledged: number[] = [];
  /** What it said before it was ready, or gave up. */
  readonly said: string[] = [];

  /** `fileKbMax`: the operating system lets no file of the process grow above that. */
  constructor(dataDir: string, room: string, fileKbMax?: number) {
    const limit = fileKbMax === undefined ? '' : `ulimit -f ${2 * fileKbMax}; `;
    const node = [process.execPath, script, dataDir, room];
    const child = spawn('sh', ['-c', `${limit}exec "$@"`, 'sh', ...node], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    endsWithUs(child, 'SIGKILL');
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (/^\d+$/.test(line)) this.acknowledged.push(Number(line));
      else this.said.push(line);
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
