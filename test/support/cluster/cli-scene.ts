import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type CommandOptions, command } from './cli-in-process.ts';
import type { CliResult } from './cli-process.ts';
import { type GatewayProcess, startGateway } from './gateway-process.ts';
import { ratesOff } from './patience.ts';

/** A gateway without rate limits, and people who use the command line in one profile, without a passphrase. */
export class CliScene implements AsyncDisposable {
  readonly folder: string;
  readonly #env: Readonly<Record<string, string>>;
  #gateway: GatewayProcess;

  private constructor(folder: string, env: Readonly<Record<string, string>>, gateway: GatewayProcess) {
    this.folder = folder;
    this.#env = env;
    this.#gateway = gateway;
  }

  /** Registers these people. */
  static async open(...names: readonly string[]): Promise<CliScene> {
    const scene = await CliScene.with({});
    for (const name of names) await scene.done(name, 'register', name);
    return scene;
  }

  /** `env`: of the gateway, without the prefix. */
  static async with(env: Readonly<Record<string, string>>): Promise<CliScene> {
    const folder = await mkdtemp(join(tmpdir(), 'conclave-cli-'));
    const settings = { DATA_DIR: join(folder, 'data'), ...ratesOff, ...env };
    return new CliScene(folder, settings, await startGateway(settings));
  }

  get gateway(): GatewayProcess {
    return this.#gateway;
  }

  /** Starts the gateway, which was stopped, on the same port with what it left on its disk. */
  async restart(): Promise<void> {
    this.#gateway = await startGateway({ ...this.#env, PORT: new URL(this.#gateway.url).port });
  }

  /** Of the profile in this folder of the scene, and the account that it means. */
  at(profile: string): string[] {
    return ['--server', this.gateway.url, '--profile', join(this.folder, profile)];
  }

  options(name: string): string[] {
    return [...this.at('profile'), '--user', name, '--no-passphrase'];
  }

  as(name: string, ...args: readonly string[]): Promise<CliResult> {
    return command([...this.options(name), ...args]);
  }

  /** Of an account that is alone in a profile of this name, and without a passphrase; answers in JSON. */
  alone(profile: string, ...args: readonly string[]): Promise<CliResult> {
    return command([...this.at(profile), '--no-passphrase', '--json', ...args]);
  }

  /** What has to succeed. */
  async done(name: string, ...args: readonly string[]): Promise<CliResult> {
    const result = await this.as(name, ...args);
    expect(result).toMatchObject({ code: 0 });
    return result;
  }

  /** The exit code of what has to fail, and the code of its error. */
  async refused(name: string, ...args: readonly string[]): Promise<readonly [unknown, unknown]> {
    const result = await this.as(name, '--json', ...args);
    return [result.code, result.json[0]?.['code']];
  }

  /** With this on standard input. */
  given(options: CommandOptions, name: string, ...args: readonly string[]): Promise<CliResult> {
    return command([...this.options(name), ...args], options);
  }

  /** Alice's room, which Bob joined. */
  async sharedRoom(room: string): Promise<void> {
    await this.done('alice', 'create', room);
    await this.done('bob', 'join', room);
  }

  /** Where a profile keeps this account. */
  async accountFolder(profile: string, name: string): Promise<string> {
    const entries = await readdir(join(this.folder, profile));
    const server = entries.find((entry) => entry.startsWith('ws-')) ?? expect.unreachable();
    return join(this.folder, profile, server, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The texts of the messages that a command told of in JSON. */
export function textsOf(result: CliResult): unknown[] {
  return result.json.filter(({ type }) => type === 'message').map(({ text }) => text);
}
