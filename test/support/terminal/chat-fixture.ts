import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GatewayProcess, startGateway } from '../cluster/gateway-process.ts';
import { ratesOff } from '../cluster/patience.ts';
import { type Device, People } from '../cluster/people.ts';
import { type ChatOptions, startChat, startNewChat } from './chat-terminal.ts';
import type { TmuxTerminal } from './tmux-terminal.ts';

/** Wide enough for the members. */
const COLUMNS = 110;

/** A gateway, the people on it who use the SDK, and the profiles of those who chat in a terminal. */
export class ChatFixture implements AsyncDisposable {
  readonly people = new People();
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  #gateway: GatewayProcess;

  private constructor(folder: string, env: Readonly<Record<string, string>>, gateway: GatewayProcess) {
    this.#folder = folder;
    this.#env = env;
    this.#gateway = gateway;
  }

  /** `env`: of the gateway, without the prefix. */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<ChatFixture> {
    const folder = await mkdtemp(join(tmpdir(), 'conclave-chat-'));
    const settings = { DATA_DIR: join(folder, 'data'), ...ratesOff, ...env };
    return new ChatFixture(folder, settings, await startGateway(settings));
  }

  get gateway(): GatewayProcess {
    return this.#gateway;
  }

  /** Starts the gateway, which was stopped, on the same port with the same data. */
  async restart(): Promise<void> {
    this.#gateway = await startGateway({ ...this.#env, PORT: new URL(this.#gateway.url).port });
  }

  person(name: string): Promise<Device> {
    return this.people.register(name, this.gateway.url);
  }

  profile(user: string): string {
    return join(this.#folder, user);
  }

  /** The client of a user who has a profile, or is asked what there has to be known for one. */
  start(user: string, more: Partial<ChatOptions> = {}): TmuxTerminal {
    return startChat(this.#options(user, more));
  }

  /** The client of a user who registers by its first run. */
  startNew(user: string, more: Partial<ChatOptions> = {}): Promise<TmuxTerminal> {
    return startNewChat(this.#options(user, more));
  }

  /** The same in a room that the user makes. */
  async startNewIn(room: string, user: string, more: Partial<ChatOptions> = {}): Promise<TmuxTerminal> {
    const started = await this.startNew(user, more);
    return started.after(async (terminal) => {
      await terminal.line(`/create ${room}`);
      await terminal.shows(new RegExp(`^ ${room} {2}open room`));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.people[Symbol.asyncDispose]();
    await this.gateway[Symbol.asyncDispose]();
    // A client whose terminal went away still closes its profile, which takes a moment.
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
  }

  #options(user: string, more: Partial<ChatOptions>): ChatOptions & { readonly user: string } {
    return { server: this.gateway.url, profile: this.profile(user), columns: COLUMNS, ...more, user };
  }
}
