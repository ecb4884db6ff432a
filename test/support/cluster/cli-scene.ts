import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type CliResult, cli } from './cli-process.ts';
import { type GatewayProcess, startGateway } from './gateway-process.ts';
import { ratesOff } from './test-cluster.ts';

/** A gateway without rate limits, and people who use the command line in one profile, without a passphrase. */
export class CliScene implements AsyncDisposable {
  readonly folder: string;
  readonly gateway: GatewayProcess;

  private constructor(folder: string, gateway: GatewayProcess) {
    this.folder = folder;
    this.gateway = gateway;
  }

  static async open(...names: readonly string[]): Promise<CliScene> {
    const folder = await mkdtemp(join(tmpdir(), 'conclave-cli-'));
    const scene = new CliScene(folder, await startGateway({ DATA_DIR: join(folder, 'data'), ...ratesOff }));
    for (const name of names) await scene.done(name, 'register', name);
    return scene;
  }

  options(name: string): string[] {
    const profile = ['--server', this.gateway.url, '--profile', join(this.folder, 'profile')];
    return [...profile, '--user', name, '--no-passphrase'];
  }

  as(name: string, ...args: readonly string[]): Promise<CliResult> {
    return cli([...this.options(name), ...args]);
  }

  /** What has to succeed. */
  async done(name: string, ...args: readonly string[]): Promise<CliResult> {
    const result = await this.as(name, ...args);
    expect(result).toMatchObject({ code: 0 });
    return result;
  }

  /** Alice's room, which Bob joined. */
  async sharedRoom(room: string): Promise<void> {
    await this.done('alice', 'create', room);
    await this.done('bob', 'join', room);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}
