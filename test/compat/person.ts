import { expect } from 'vitest';
import { type CliResult, cli, startCli } from '../support/cluster/cli-process.ts';

/** Someone who uses the command line of one release. */
export class Person {
  readonly #options: readonly string[];
  readonly #folder: string;

  constructor(folder: string, options: readonly string[]) {
    this.#folder = folder;
    this.#options = [...options, '--no-passphrase', '--json'];
  }

  run(...args: readonly string[]): Promise<CliResult> {
    return cli([...this.#options, ...args], { folder: this.#folder });
  }

  start(...args: readonly string[]) {
    return startCli([...this.#options, ...args], { folder: this.#folder });
  }

  /** Of a command that succeeds. */
  async json(...args: readonly string[]): Promise<CliResult['json']> {
    const result = await this.run(...args);
    expect([args, result.code, result.stderr]).toEqual([args, 0, expect.any(String)]);
    return result.json;
  }

  /** The messages in history, and whether there is anything about them. */
  async read(room: string): Promise<readonly string[]> {
    const lines = await this.json('tail', room, '--since', 'all');
    return lines.map(
      ({ from, text, status, marks }) =>
        `${from}: ${text} ${status}${marks === undefined ? '' : ` ${marks}`}`,
    );
  }
}
