import { type ChildProcess, fork } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RawWebSocket } from '../wire/raw-web-socket.ts';

/** What goes between the processes of a load: plain JSON, read with numberIn, textIn and listIn. */
export type Fields = Readonly<Record<string, unknown>>;

export function numberIn(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number') throw new TypeError(`${name} is no number`);
  return value;
}

export function textIn(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new TypeError(`${name} is no text`);
  return value;
}

export function listIn(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name];
  if (!Array.isArray(value)) throw new TypeError(`${name} is no list`);
  return value;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

/** What a child may take to close its connections. */
const LEAVE_MS_MAX = 5_000;

/** A TypeScript file as a process of its own, which ends with its parent, and at the signal: its calls reject then. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, { resolve(reply: Fields): void; reject(reason: Error): void }>();
  #calls = 0;
  /** What the child tells without being asked. */
  onNews: (news: Fields) => void = () => undefined;

  constructor(file: URL, signal?: AbortSignal) {
    this.#process = fork(fileURLToPath(file), { execArgv: ['--import', 'tsx'] });
    const end = (): void => void this.#process.kill('SIGKILL');
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted === true) end();
    this.#process.on('message', (message) => this.#message(message));
    this.#process.once('exit', (code) => {
      signal?.removeEventListener('abort', end);
      for (const { reject } of this.#waiting.values())
        reject(new Error(`${basename(file.pathname)} ended with ${code}`));
      this.#waiting.clear();
    });
  }

  get pid(): number {
    return this.#process.pid ?? -1;
  }

  call(name: string, fields: Fields = {}): Promise<Fields> {
    this.#calls += 1;
    const call = this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject });
      this.#process.send({ call, name, fields }, (error) => {
        if (error !== null) reject(error);
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => void this.#process.once('exit', () => resolve()));
    if (this.#process.connected) this.#process.disconnect();
    const impatience = setTimeout(() => this.#process.kill('SIGKILL'), LEAVE_MS_MAX);
    await ended;
    clearTimeout(impatience);
  }

  #message(message: unknown): void {
    if (!isFields(message)) return;
    const { call, reply, failure, news } = message;
    if (isFields(news)) this.onNews(news);
    if (typeof call !== 'number') return;
    const waiting = this.#waiting.get(call);
    this.#waiting.delete(call);
    if (typeof failure === 'string') waiting?.reject(new Error(failure));
    else waiting?.resolve(isFields(reply) ? reply : {});
  }
}

type Handler = (fields: Fields) => Fields | Promise<Fields>;

/** The child's side. */
export function serveParent(handlers: Readonly<Record<string, Handler>>): void {
  const answer = async (message: Fields): Promise<Fields> => {
    const { call, name, fields } = message;
    try {
      const handler = handlers[String(name)];
      if (handler === undefined) throw new Error(`nothing answers ${name}`);
      return { call, reply: await handler(isFields(fields) ? fields : {}) };
    } catch (error) {
      return { call, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
  process.on('message', (message) => {
    if (!isFields(message)) return;
    answer(message).then(
      (reply) => process.send?.(reply),
      (error: unknown) => console.error(error),
    );
  });
  process.once('disconnect', () => {
    RawWebSocket.closeAll();
    process.exit(0);
  });
}

export function tellParent(news: Fields): void {
  process.send?.({ news });
}
