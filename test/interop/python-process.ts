import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { eventually } from '../support/eventually.ts';
import { endsWithUs } from '../support/programs/at-end.ts';
import { pythonToolsDir } from '../support/services/mongo-server.ts';

type Said = Readonly<Record<string, unknown>>;

/** The client in Python as its own process; JSON lines go in and come out. */
export class PythonProcess implements AsyncDisposable {
  readonly name: string;
  /** What it said by itself, oldest first. */
  readonly events: Said[] = [];
  readonly #child;
  readonly #answers = new Map<number, Said>();
  #lastId = 0;
  #errors = '';
  #user = '';

  /** `url`: what it dials. It makes keys of its own for `name`. */
  constructor(url: string, name: string) {
    this.name = name;
    const python = join(pythonToolsDir, 'bin', 'python');
    this.#child = spawn(python, ['test/interop/main.py', url, name], { stdio: ['pipe', 'pipe', 'pipe'] });
    endsWithUs(this.#child, 'SIGKILL');
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    createInterface(this.#child.stdout).on('line', (line) => {
      const said: unknown = JSON.parse(line);
      if (!isObject(said)) throw new TypeError(`the client in Python said ${line}`);
      if (typeof said['id'] === 'number') this.#answers.set(said['id'], said);
      else this.events.push(said);
    });
  }

  /** Registers and logs in. */
  static async register(url: string, name: string): Promise<PythonProcess> {
    const process = new PythonProcess(url, name);
    await process.ok('register');
    process.#user = `${(await process.ok('log-in'))['user']}`;
    return process;
  }

  /** The id of its user, in hexadecimal. */
  get user(): string {
    return this.#user;
  }

  /** What a command gives; throws with the reason when it is refused. */
  async ok(command: string, options: Said = {}): Promise<Said> {
    const answer = await this.#answer(command, options);
    if (!('ok' in answer)) throw new Error(`${command}: ${JSON.stringify(answer)}\n${this.#errors}`);
    return isObject(answer['ok']) ? answer['ok'] : {};
  }

  /** The code with which a command is refused. */
  async refusal(command: string, options: Said = {}): Promise<unknown> {
    return (await this.#answer(command, options))['refused'];
  }

  /** Waits until it says something like this. */
  async says(event: Said): Promise<Said> {
    return eventually(
      () => {
        const found = this.events.find((said) =>
          Object.entries(event).every(([key, value]) => said[key] === value),
        );
        if (found !== undefined) return found;
        expect({ said: this.events, errors: this.#errors }).toEqual(event);
        return expect.unreachable();
      },
      { deadlineMs: PATIENCE_MS },
    );
  }

  /** The messages of a room as it showed them. */
  messages(room: string): readonly Said[] {
    return this.events.filter((said) => said['event'] === 'message' && said['room'] === room);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'close');
    this.#child.stdin.end();
    await ended;
  }

  async #answer(command: string, options: Said): Promise<Said> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#child.stdin.write(`${JSON.stringify({ id, do: command, ...options })}\n`);
    return eventually(
      () => this.#answers.get(id) ?? expect.fail(`no answer to ${command}: ${this.#errors}`),
      { deadlineMs: PATIENCE_MS },
    );
  }
}

function isObject(value: unknown): value is Said {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
