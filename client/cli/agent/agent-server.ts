import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { type AgentRequest, answerFrame, bodyOf, parseRequest, REQUEST_BYTES_MAX } from './agent-messages.ts';
import { SOCKET_PATH_BYTES_MAX } from './ask-agent.ts';

/** A script that starts many commands at once has each served in turn; they are closed unheard beyond this. */
export const CLIENTS_MAX = 64;
/** To send a request and to take its answer. */
const CLIENT_MS_MAX = 2_000;
/** Between two looks at the clock and at the socket's place. */
const LOOK_MS = 5_000;
const SOCKET_MODE = 0o600;
/** Random, in hexadecimal, after a dot. */
const TEMPORARY_BYTES = 2;
/** Of the path of an agent's socket: for a moment it has a longer name. */
export const AGENT_PATH_BYTES_MAX: number = SOCKET_PATH_BYTES_MAX - 1 - 2 * TEMPORARY_BYTES;

export interface AgentOptions {
  readonly path: string;
  readonly key: Uint8Array;
  readonly release: string;
  readonly lifeMs: number;
  /** It ends when no key was asked for in this time. */
  readonly idleMs?: number | undefined;
  /** Default: CLIENT_MS_MAX. */
  readonly clientMs?: number;
}

/** `replaced`: its socket is not in its place any more, so that nobody could ask or end it. */
export type AgentEnd = 'stopped' | 'expired' | 'idle' | 'replaced';

/** Keeps the key of one account and gives it to whoever may connect: the folder of its socket decides who that is. */
export class AgentServer {
  readonly #options: AgentOptions;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  readonly #begun = now();
  readonly #looking: NodeJS.Timeout;
  readonly #inode: bigint;
  #used = now();
  #isOver = false;
  #resolve: (why: AgentEnd) => void = () => undefined;
  readonly ended = new Promise<AgentEnd>((resolve) => {
    this.#resolve = resolve;
  });

  private constructor(server: Server, options: AgentOptions, inode: bigint) {
    this.#server = server;
    this.#options = options;
    this.#inode = inode;
    server.on('connection', (socket) => this.#serve(socket));
    // A connection that could not be accepted is its client's loss.
    server.on('error', () => undefined);
    const { lifeMs, idleMs = lifeMs } = options;
    this.#looking = setInterval(() => this.#look(), Math.min(LOOK_MS, lifeMs, idleMs));
  }

  /**
   * Takes the place of whatever is at the path: only call it after nothing answered there. It listens under another name first, because
   * Node removes the name it listened under when it closes, whoever has that by then.
   */
  static async listen(options: AgentOptions): Promise<AgentServer> {
    const { path } = options;
    const temporary = temporaryName(path);
    const server = createServer();
    server.maxConnections = CLIENTS_MAX;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(temporary, resolve);
    });
    try {
      chmodSync(temporary, SOCKET_MODE);
      const { ino } = lstatSync(temporary, { bigint: true });
      renameSync(temporary, path);
      return new AgentServer(server, options, ino);
    } catch (error) {
      server.close();
      throw error;
    }
  }

  /** Milliseconds since 1970. */
  get endsAt(): number {
    return this.#begun.date + this.#options.lifeMs;
  }

  /** Forgets the key, takes the socket away, and lets go of its clients once they have their answers. */
  async close(): Promise<void> {
    this.#end('stopped');
    await new Promise((resolve) => {
      this.#server.close(resolve);
      for (const client of this.#clients) client.destroySoon();
    });
  }

  #look(): void {
    const { path, lifeMs, idleMs } = this.#options;
    if (inodeOf(path) !== this.#inode) this.#end('replaced');
    else if (passedMs(this.#begun) >= lifeMs) this.#end('expired');
    else if (idleMs !== undefined && passedMs(this.#used) >= idleMs) this.#end('idle');
  }

  #end(why: AgentEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { path, key } = this.#options;
    key.fill(0);
    clearInterval(this.#looking);
    if (inodeOf(path) === this.#inode) rmSync(path, { force: true });
    this.#resolve(why);
  }

  #serve(socket: Socket): void {
    const timer = setTimeout(() => socket.destroy(), this.#options.clientMs ?? CLIENT_MS_MAX);
    this.#clients.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#clients.delete(socket);
    });
    let received = Buffer.alloc(0);
    const take = (part: Buffer): void => {
      received = Buffer.concat([received, part]);
      const body = bodyOf(received, REQUEST_BYTES_MAX);
      if (body === undefined) return;
      socket.off('data', take);
      const request = body === 'too_long' ? undefined : parseRequest(body);
      if (request === undefined) socket.destroy();
      // What else it sends is read and thrown away: only so is its end heard of.
      else socket.end(this.#answer(request)).resume();
    };
    socket.on('data', take);
  }

  #answer({ wants, release: theirs }: AgentRequest): Uint8Array {
    this.#look();
    const { release, key } = this.#options;
    const mayHave = wants === 'key' && theirs === release && !this.#isOver;
    if (mayHave) this.#used = now();
    const frame = answerFrame({
      ...{ release, process: process.pid, endsAt: this.endsAt },
      ...(mayHave ? { key } : {}),
    });
    if (wants === 'stop') this.#end('stopped');
    return frame;
  }
}

function temporaryName(path: string): string {
  return `${path}.${randomBytes(TEMPORARY_BYTES).toString('hex')}`;
}

function inodeOf(path: string): bigint | undefined {
  try {
    return lstatSync(path, { bigint: true }).ino;
  } catch {
    return undefined;
  }
}

interface Moment {
  readonly date: number;
  readonly clock: number;
}

function now(): Moment {
  return { date: Date.now(), clock: performance.now() };
}

/** The date may be set back; the other clock stands still while the machine sleeps. */
function passedMs({ date, clock }: Moment): number {
  return Math.max(Date.now() - date, performance.now() - clock);
}
